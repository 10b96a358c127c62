import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { mergeBuildSettings } from "./build-settings.ts";
import type { LocalRule } from "../source/local-settings.ts";
import type { Configuration, KeptUrl, SnapshotPolicy } from "./configuration.ts";
import { fileFindings } from "./files.ts";
import { findingsOf } from "./findings.ts";
import { keyName, type Finding, type Problem } from "./problem.ts";
import { crossFieldFindings } from "./rules.ts";
import { hookPoints, schema, type Parsed } from "./schema.ts";
import { snapshotPlace } from "./snapshot-place.ts";
import { parseDocument, type Document, type Table } from "../lib/toml.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import { parseLocation } from "../source/location.ts";

/** What a configuration says, and everything that is wrong with it. */
interface Examined {
  readonly file: string;
  readonly problems: readonly Problem[];
  /** Keys at fault count as absent; undefined when too little is left, or the instance's name is at fault. */
  readonly configuration: Configuration | undefined;
}

/** Reads and checks an `updater.toml` and the files it names; throws one error that tells every fault. */
export async function loadConfiguration(path: string): Promise<Configuration> {
  const { file, problems, configuration } = await examineConfiguration(path);
  if (configuration && problems.length === 0) return configuration;
  throw new UpdaterError("configurationInvalid", { file, problems });
}

/**
 * Reads a configuration for whoever wants to look around in spite of its faults.
 * @throws UpdaterError when there is none, or it is not TOML
 */
export async function examineConfiguration(path: string): Promise<Examined> {
  const file = resolve(path);
  const folder = dirname(file);
  const document = parseDocument(await readConfiguration(file));
  if ("reason" in document) throw new UpdaterError("configurationSyntax", { file, ...document });
  const result = schema.safeParse(document.table);
  const inFile = [
    ...findingsOf(result.error?.issues ?? [], document.table),
    ...crossFieldFindings(document.table),
  ];
  const problems = problemsOf(
    [...inFile, ...(await fileFindings(document.table, folder))],
    document,
  );
  const left = inFile.length === 0 ? result : schema.safeParse(without(document.table, inFile));
  const known = left.success && !inFile.some((finding) => finding.path[0] === "instance");
  return {
    file,
    problems,
    configuration: known ? configurationOf(left.data, file, folder) : undefined,
  };
}

/** A copy of the table without the keys at fault. */
function without(table: Table, findings: readonly Finding[]): Table {
  const copy = structuredClone(table);
  for (const { path } of findings) {
    const inner = path
      .slice(0, -1)
      .reduce<unknown>((value, part) => (value as Table | undefined)?.[part], copy);
    const key = path.at(-1);
    if (typeof inner === "object" && inner !== null && key !== undefined) {
      Reflect.deleteProperty(inner, key);
    }
  }
  return copy;
}

/** A URL, read from its file where it is kept in one. */
export async function readUrl(kept: KeptUrl): Promise<string> {
  return "url" in kept ? kept.url : (await readFile(kept.file, "utf8")).trim();
}

async function readConfiguration(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    const missing = (thrown as NodeJS.ErrnoException).code === "ENOENT";
    if (missing) throw new UpdaterError("configurationMissing", { file }, thrown);
    throw new UpdaterError("configurationUnreadable", { file, reason: messageOf(thrown) }, thrown);
  }
}

/** In the file's order; one fault a key is enough to correct it. */
function problemsOf(findings: readonly Finding[], document: Document): Problem[] {
  const problems = new Map<string, Problem>();
  for (const { path, fault } of findings) {
    const key = keyName(path);
    if (!problems.has(key)) problems.set(key, { line: document.lineOf(path), key, fault });
  }
  return [...problems.values()].sort((one, other) => (one.line ?? 0) - (other.line ?? 0));
}

function configurationOf(parsed: Parsed, file: string, folder: string): Configuration {
  const { site, probe, build, probation } = parsed;
  const absolute = (path: string) => resolve(folder, path);
  const optional = (path: string | undefined) => (path === undefined ? undefined : absolute(path));
  return {
    file,
    instance: parsed.instance,
    source: {
      repository: repositoryOf(parsed.source.repository, absolute),
      allowedSigners: optional(parsed.source.allowed_signers),
    },
    local: localOf(parsed.local, absolute),
    site: {
      settings: absolute(site.settings),
      instanceConfig: optional(site.instance_config),
      hostNames: site.host_names as [string, ...string[]],
      workers: site.workers,
    },
    listen: parsed.listen,
    probe: {
      pages: probe.pages,
      anonymousPages: probe.anonymous_pages,
      user: probe.user,
      timeLimit: probe.time_limit,
      userAgent: probe.user_agent,
    },
    database: parsed.database,
    secrets: Object.fromEntries(
      Object.entries(parsed.secrets).map(([name, path]) => [name, absolute(path)]),
    ),
    build: {
      caBundle: optional(build.ca_bundle),
      httpProxy: keptUrl(build.http_proxy, optional(build.http_proxy_file)),
      httpsProxy: keptUrl(build.https_proxy, optional(build.https_proxy_file)),
      noProxy: build.no_proxy,
      extras: build.extras,
      versions: mergeBuildSettings(
        build.versions.map((entry) => ({ ...entry, image: entry.image })),
      ),
    },
    hold: parsed.hold,
    messages: {
      maintenancePage: optional(parsed.messages.maintenance_page),
      swapBanner: parsed.messages.swap_banner,
      background: parsed.messages.background,
      foreground: parsed.messages.foreground,
      mail: {
        ...parsed.messages.mail,
        before: optional(parsed.messages.mail.before),
        after: optional(parsed.messages.mail.after),
      },
      whatsNew: {
        ...parsed.messages.whats_new,
        box: optional(parsed.messages.whats_new.box),
        page: optional(parsed.messages.whats_new.page),
      },
    },
    probation: {
      duration: probation.duration,
      interval: probation.interval,
      failures: probation.failures,
      acceptDataLoss: probation.accept_data_loss,
    },
    rehearse: {
      sanitize: optional(parsed.rehearse.sanitize),
      keepPort: parsed.rehearse.keep_port,
      timeLimit: parsed.rehearse.time_limit,
      longestLock: parsed.rehearse.longest_lock,
      maxAge: parsed.rehearse.max_age,
      required: parsed.rehearse.required,
    },
    rollback: {
      window: parsed.rollback.window,
      snapshotMedia: parsed.rollback.snapshot_media,
      map: parsed.rollback.map,
    },
    retention: parsed.retention,
    jobs: {
      enabled: parsed.jobs.enabled,
      timeZone: parsed.jobs.time_zone,
      schedule: {
        quarter_hourly: parsed.jobs.quarter_hourly,
        hourly: parsed.jobs.hourly,
        daily: parsed.jobs.daily,
        weekly: parsed.jobs.weekly,
      },
      timeLimit: parsed.jobs.time_limit,
      wait: parsed.jobs.wait,
    },
    backup: {
      kinds: [...new Set(parsed.backup.kinds)],
      beforeSwap: parsed.backup.before_swap,
      onFailure: parsed.backup.on_failure,
      keep: parsed.backup.keep,
      maxAge: parsed.backup.max_age,
      snapshots: parsed.backup.snapshots && snapshotsOf(parsed.backup.snapshots, absolute),
    },
    scheduled: {
      rehearseBefore: parsed.scheduled.rehearse_before,
      report: optional(parsed.scheduled.report),
      webhook: keptUrl(parsed.scheduled.webhook, optional(parsed.scheduled.webhook_file)),
      mail: parsed.scheduled.mail,
    },
    hooks: Object.fromEntries(
      hookPoints.flatMap((point) => {
        const hook = parsed.hooks[point];
        if (hook === undefined) return [];
        const { run, time_limit: timeLimit, on_failure: onFailure } = hook;
        return [[point, { run: absolute(run), timeLimit, onFailure }]];
      }),
    ),
  };
}

function localOf(local: Parsed["local"], absolute: (path: string) => string): LocalRule {
  if (local.repository === undefined) return { kind: "folder", folder: local.folder! };
  const { branch, ref } = local;
  return {
    kind: "repository",
    repository: repositoryOf(local.repository, absolute),
    allowedSigners: local.allowed_signers && absolute(local.allowed_signers),
    refs: local.refs ?? {},
    otherwise: branch === undefined ? ref && { kind: ref } : { kind: "branch", branch },
  };
}

function snapshotsOf(
  snapshots: NonNullable<Parsed["backup"]["snapshots"]>,
  absolute: (path: string) => string,
): SnapshotPolicy {
  const { repository } = snapshots;
  const place = snapshotPlace(repository) ?? "folder";
  const optional = (path: string | undefined) => (path === undefined ? undefined : absolute(path));
  return {
    repository: place === "folder" ? absolute(repository) : repository,
    place,
    passwordFile: optional(snapshots.password_file),
    environmentFile: optional(snapshots.environment_file),
    sshKey: optional(snapshots.ssh_key),
    knownHosts: optional(snapshots.known_hosts),
    keep: {
      last: snapshots.keep_last,
      daily: snapshots.keep_daily,
      weekly: snapshots.keep_weekly,
      monthly: snapshots.keep_monthly,
    },
  };
}

function repositoryOf(text: string, absolute: (path: string) => string): string {
  const location = parseLocation(text);
  return typeof location === "object" && location.kind === "path" ? absolute(text) : text;
}

function keptUrl(url: string | undefined, file: string | undefined): KeptUrl | undefined {
  if (file !== undefined) return { file };
  return url === undefined ? undefined : { url };
}
