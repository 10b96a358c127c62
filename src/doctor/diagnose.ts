import { setTimeout as delay } from "node:timers/promises";
import { abortable } from "../lib/abortable.ts";
import type { Configuration } from "../config/configuration.ts";
import { examineConfiguration } from "../config/load.ts";
import { connectEngine } from "../engine/connect.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import { instanceOf } from "../instance/instance.ts";
import type { InstanceView } from "../instance/read-instance.ts";
import { type Reporter, reportStep } from "../instance/events.ts";
import { checkBackups, checkRehearsal, checkSnapshots } from "./freshness.ts";
import { checkClock } from "./clock.ts";
import { checkDatabase } from "./database.ts";
import { checkBuilder, checkEngine } from "./engine.ts";
import { checkCaBundle, checkPermissions } from "./files.ts";
import { crash, type Finding, ok, problem, refusal } from "./finding.ts";
import { anyImage, isBusy, inspectInstance } from "./inspect-instance.ts";
import { type CheckName, type GroupName, groups } from "./groups.ts";
import { checkBaseImages } from "./images.ts";
import { checkNames } from "./names.ts";
import type { Machine, Site } from "./check-context.ts";
import { askServers, checkReach } from "./reach.ts";
import { checkLeftovers } from "./leftovers.ts";
import { checkResources } from "./resources.ts";
import { checkServing } from "./serving.ts";
import { checkTls } from "./tls.ts";
import { tidyRemains } from "../operations/tidy-remains.ts";

/** Milliseconds that a check may take; one of a busy BiomAid loads its code first. */
const checkLimitMs = 30_000;
const engineLimitMs = 15_000;

export interface Diagnosis {
  /** Null when the configuration does not tell. */
  readonly instance: string | null;
  readonly groups: readonly {
    readonly name: GroupName;
    readonly findings: readonly (Finding & { readonly check: CheckName })[];
  }[];
}

type Begin = (name: CheckName, check: () => Finding[] | Promise<Finding[]>) => void;

type Checks = Partial<Record<CheckName, Promise<readonly Finding[]>>>;

/**
 * Says whether this machine and the site of a configuration are fit. It changes nothing, but for what a
 * rehearsal that was killed has left, which every command removes; what cannot be looked at is a finding, or left out where another one says why.
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
    return { configuration: undefined, findings: [crash(error, "configuration", "configuration")] };
  }
}

async function beginChecks(
  { configuration }: Read,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<{ checks: Checks; settled: Promise<unknown> }> {
  const begun: Promise<unknown>[] = [];
  const limit = AbortSignal.any([signal, AbortSignal.timeout(checkLimitMs)]);
  const checks: Checks = {};
  const begin: Begin = (name, check) => {
    const work = Promise.resolve().then(check);
    begun.push(work.catch(() => undefined));
    checks[name] = limited(name, work, limit, signal);
  };
  if (configuration) {
    begin("permissions", () => checkPermissions(configuration));
    begin("ca-bundle", () => checkCaBundle(configuration));
    begin("tls", () => checkTls(configuration));
  }
  try {
    const engine = await abortable(
      AbortSignal.any([signal, AbortSignal.timeout(engineLimitMs)]),
      connectEngine(),
    );
    begin("engine", () => checkEngine({ engine }));
    if (configuration) {
      // As every command does. What hinders it is told below.
      await abortable(limit, tidyRemains(instanceOf(configuration, engine, reporter))).catch(
        () => undefined,
      );
    }
    await beginOnEngine({ engine, configuration, signal: limit }, checks, begin);
  } catch (error) {
    checks.engine = Promise.resolve([noEngine(error)]);
  }
  return { checks, settled: Promise.all(begun) };
}

function noEngine(error: unknown): Finding {
  if (error instanceof UpdaterError) return refusal(error, "engine");
  const reason = messageOf(error);
  return refusal(new UpdaterError("engineUnreachable", { reason }, error), "engine");
}

/** The findings of a check, or one that says why there are none. */
async function limited(
  check: CheckName,
  work: Promise<readonly Finding[]>,
  limit: AbortSignal,
  interrupted: AbortSignal,
): Promise<readonly Finding[]> {
  try {
    return await abortable(limit, work);
  } catch (error) {
    if (limit.aborted && !interrupted.aborted) {
      return [problem("checkTooLong", { check, seconds: checkLimitMs / 1000 })];
    }
    return [crash(error, check)];
  }
}

/** Begins what needs an engine, and of that what there is an instance for. */
async function beginOnEngine(
  { engine, configuration, signal }: Pick<Machine, "engine" | "configuration" | "signal">,
  checks: Checks,
  begin: Begin,
): Promise<void> {
  // What the application prints while it is asked does not belong here.
  const quiet = { event: () => undefined };
  const instance = configuration && instanceOf(configuration, engine, quiet);
  let view: InstanceView | undefined;
  if (instance) {
    const looked = await inspectInstance(instance, signal);
    view = looked.view;
    checks.instance = Promise.resolve(looked.findings);
  }
  const name = instance?.name ?? "machine";
  const image = await anyImage(engine, view);
  const machine: Machine = { engine, name, image, configuration, instance, view, signal };
  const servers = askServers(machine);
  servers.catch(() => undefined);
  begin("builder", () => checkBuilder(machine));
  begin("room", () => checkResources(machine));
  begin("clock", () => checkClock(machine, servers));
  begin("base-images", () => checkBaseImages(machine));
  begin("reach", () => checkReach(servers));
  if (!instance) return;
  const next = view?.state.nextGeneration ?? 1;
  begin("names", () => checkNames(instance, next));
  if (!view) return;
  beginOnSite({ instance, view, busy: await isBusy(instance), signal }, begin);
}

function beginOnSite(site: Site, begin: Begin): void {
  const { view, instance } = site;
  begin("serving", () => checkServing(site));
  begin("remains", () => checkLeftovers(site));
  begin("database", () => checkDatabase(site));
  begin("rehearsal", () => checkRehearsal(view, instance.configuration.rehearse.maxAgeMs));
  begin("backups", () => checkBackups(site));
  begin("snapshots", () => checkSnapshots(site));
}
