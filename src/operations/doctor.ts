import { setTimeout as delay } from "node:timers/promises";
import { abortable } from "../abortable.ts";
import type { Configuration } from "../config/configuration.ts";
import { examineConfiguration } from "../config/load.ts";
import { connectEngine, type Engine } from "../engine/connect.ts";
import { listContainers } from "../engine/containers.ts";
import { imageLabels, listTags } from "../engine/images.ts";
import { label, labelsOf } from "../engine/labels.ts";
import { listVolumes } from "../engine/volumes.ts";
import { UpdaterError } from "../errors.ts";
import { type Instance, instanceOf } from "../instance/instance.ts";
import { baseImage } from "../instance/own-images.ts";
import { findInstance, type View } from "../instance/view.ts";
import { type Reporter, reportStep } from "../reporter.ts";
import { checkBackups, checkRehearsal } from "./checks/care.ts";
import { checkClock } from "./checks/clock.ts";
import { checkDatabase } from "./checks/database.ts";
import { checkBuilder, checkEngine } from "./checks/engine.ts";
import { checkCaBundle, checkPermissions } from "./checks/files.ts";
import { crash, type Finding, ok, problem, refusal } from "./checks/finding.ts";
import { checkBaseImages } from "./checks/images.ts";
import { checkNames } from "./checks/names.ts";
import type { Machine, Site } from "./checks/premises.ts";
import { askServers, checkReach } from "./checks/reach.ts";
import { checkRemains } from "./checks/remains.ts";
import { checkRoom } from "./checks/room.ts";
import { checkServing } from "./checks/serving.ts";
import { checkTls } from "./checks/tls.ts";

/** Milliseconds that a check may take; one of a busy BiomAid loads its code first. */
const patience = 45_000;
/** Milliseconds for the engine to say that it is there. */
const enginePatience = 15_000;

/** Everything that is looked at, in the order it is told. */
const groups = {
  machine: ["engine", "builder", "room", "clock"],
  builds: ["base-images", "reach"],
  configuration: ["configuration", "permissions", "ca-bundle"],
  site: ["instance", "serving", "remains", "names", "tls"],
  database: ["database"],
  care: ["rehearsal", "backups"],
} as const;

export type GroupName = keyof typeof groups;
export type CheckName = (typeof groups)[GroupName][number];

export interface Diagnosis {
  /** Null when the configuration does not tell. */
  readonly instance: string | null;
  readonly groups: readonly {
    readonly name: GroupName;
    readonly findings: readonly (Finding & { readonly check: CheckName })[];
  }[];
}

type Checks = Partial<Record<CheckName, Promise<readonly Finding[]>>>;

/**
 * Says whether this machine and the site of a configuration are fit. Takes no lock and changes nothing;
 * what cannot be looked at is a finding, or left out where another one says why.
 */
export async function diagnose(
  configurationFile: string,
  { reporter, signal }: { readonly reporter: Reporter; readonly signal: AbortSignal },
): Promise<Diagnosis> {
  return await reportStep(reporter, "examine", async () => {
    const read = await readConfiguration(configurationFile);
    const { checks, settled } = await beginChecks(read, reporter, signal);
    checks.configuration = Promise.resolve(read.findings);
    const found: Partial<Record<CheckName, readonly Finding[]>> = {};
    for (const [name, findings] of Object.entries(checks)) {
      found[name as CheckName] = await findings;
    }
    // What ran into its limit removes its container; it need not be waited for much longer.
    await Promise.race([settled, delay(5_000, undefined, { ref: false })]);
    signal.throwIfAborted();
    return {
      instance: read.configuration?.instance ?? null,
      groups: (Object.keys(groups) as GroupName[]).map((name) => ({
        name,
        findings: groups[name].flatMap((check) =>
          (found[check] ?? []).map((finding) => ({ ...finding, check })),
        ),
      })),
    };
  });
}

interface Read {
  readonly configuration: Configuration | undefined;
  readonly findings: readonly Finding[];
}

async function readConfiguration(path: string): Promise<Read> {
  try {
    const { file, problems, configuration } = await examineConfiguration(path);
    // Who may read a secret is told with the other permissions.
    const left = problems.filter(
      ({ fault }) => !(fault.kind === "file" && fault.trouble === "worldReadable"),
    );
    const invalid = new UpdaterError("configurationInvalid", { file, problems: left });
    const findings =
      left.length > 0 ? [refusal(invalid, "configuration")] : [ok("configuration", { file })];
    return { configuration, findings };
  } catch (error) {
    return { configuration: undefined, findings: [crashOf(error)] };
  }
}

function crashOf(error: unknown): Finding {
  return error instanceof UpdaterError ? refusal(error, "configuration") : crash(error);
}

async function beginChecks(
  { configuration }: Read,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<{ checks: Checks; settled: Promise<unknown> }> {
  const begun: Promise<unknown>[] = [];
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  const begin = (check: () => Finding[] | Promise<Finding[]>) => {
    const work = Promise.resolve().then(check);
    begun.push(work.catch(() => undefined));
    return limited(work, limit, signal);
  };
  const checks: Checks = {};
  if (configuration) {
    checks.permissions = begin(() => checkPermissions(configuration));
    checks["ca-bundle"] = begin(() => checkCaBundle(configuration));
    checks.tls = begin(() => checkTls(configuration));
  }
  try {
    const engine = await abortable(
      AbortSignal.any([signal, AbortSignal.timeout(enginePatience)]),
      connectEngine(),
    );
    checks.engine = begin(() => checkEngine({ engine }));
    await beginOnEngine({ engine, configuration, reporter, signal: limit }, checks, begin);
  } catch (error) {
    checks.engine = Promise.resolve([noEngine(error)]);
  }
  return { checks, settled: Promise.all(begun) };
}

function noEngine(error: unknown): Finding {
  if (error instanceof UpdaterError) return refusal(error, "engine");
  const reason = `${enginePatience / 1000} s`;
  return refusal(new UpdaterError("engineUnreachable", { reason }, error), "engine");
}

/** The findings of a check, or one that says why there are none. */
async function limited(
  work: Promise<readonly Finding[]>,
  limit: AbortSignal,
  interrupted: AbortSignal,
): Promise<readonly Finding[]> {
  try {
    return await abortable(limit, work);
  } catch (error) {
    if (limit.aborted && !interrupted.aborted) {
      return [problem("checkTooLong", { seconds: patience / 1000 })];
    }
    return [crash(error)];
  }
}

/** Begins what needs an engine, and of that what there is an instance for. */
async function beginOnEngine(
  known: {
    readonly engine: Engine;
    readonly configuration: Configuration | undefined;
    readonly reporter: Reporter;
    readonly signal: AbortSignal;
  },
  checks: Checks,
  begin: (check: () => Finding[] | Promise<Finding[]>) => Promise<readonly Finding[]>,
): Promise<void> {
  const { engine, configuration, signal } = known;
  // What the application prints while it is asked is nobody's business here.
  const quiet = { event: () => undefined };
  const instance = configuration && instanceOf(configuration, engine, quiet);
  let view: View | undefined;
  if (instance) {
    const looked = await look(instance, signal);
    view = looked.view;
    checks.instance = Promise.resolve(looked.findings);
  }
  const name = instance?.name ?? "machine";
  const image = await anyImage(engine, view);
  const machine: Machine = { engine, name, image, configuration, instance, view, signal };
  const servers = askServers(machine);
  servers.catch(() => undefined);
  checks.builder = begin(() => checkBuilder(machine));
  checks.room = begin(() => checkRoom(machine));
  checks.clock = begin(() => checkClock(machine, servers));
  checks["base-images"] = begin(() => checkBaseImages(machine));
  checks.reach = begin(() => checkReach(servers));
  if (!instance) return;
  const next = view?.state.nextGeneration ?? 1;
  checks.names = begin(() => checkNames(instance, next));
  if (!view) return;
  beginOnSite({ instance, view, busy: await isBusy(instance), signal }, checks, begin);
}

function beginOnSite(
  site: Site,
  checks: Checks,
  begin: (check: () => Finding[] | Promise<Finding[]>) => Promise<readonly Finding[]>,
): void {
  const { view, instance } = site;
  checks.serving = begin(() => checkServing(site));
  checks.remains = begin(() => checkRemains(site));
  checks.database = begin(() => checkDatabase(site));
  checks.rehearsal = begin(() => checkRehearsal(view, instance.configuration.rehearse.maxAge));
  checks.backups = begin(() => checkBackups(site));
}

async function look(
  instance: Instance,
  signal: AbortSignal,
): Promise<{ view: View | undefined; findings: readonly Finding[] }> {
  const { engine, name, names } = instance;
  try {
    const view = await abortable(signal, findInstance(engine, name));
    if (view) return { view, findings: [] };
    const volumes = await listVolumes(engine, { [label.instance]: name });
    if (volumes.length === 0) return { view, findings: [ok("noInstance", { instance: name })] };
    const data = volumes.some(({ Labels }) => Labels[label.role] === "database-data");
    // Parts that hold data are not to be removed as what an unfinished init left.
    return {
      view,
      findings: [
        data
          ? problem("missing", { containers: [names.proxy], instance: name })
          : refusal(new UpdaterError("leftovers", { instance: name }), "instance"),
      ],
    };
  } catch (error) {
    const finding = error instanceof UpdaterError ? refusal(error, "instance") : crash(error);
    return { view: undefined, findings: [finding] };
  }
}

async function isBusy({ engine, name }: Instance): Promise<boolean> {
  const [lock] = await listContainers(engine, labelsOf(name, "control"));
  return lock?.running ?? false;
}

/** Any image of ours has what it takes to look around. */
async function anyImage(engine: Engine, view: View | undefined): Promise<string | undefined> {
  const candidates = [
    baseImage,
    ...(view ? [view.state.proxyImage] : []),
    ...(await listTags(engine, "biomaid-updater/python")),
  ];
  for (const image of candidates) {
    if ((await imageLabels(engine, image)) !== undefined) return image;
  }
  return undefined;
}
