import { resolve } from "node:path";
import { clearBackup } from "../backup/back-up.ts";
import { keptConfiguration } from "../config/load.ts";
import { isError, messageOf, UpdaterError } from "../errors.ts";
import { removeInstance } from "../instance/destroy.ts";
import { ensureGenerationRuns, ensureProxyRuns } from "../instance/ensure-running.ts";
import { withInstanceLock } from "../instance/instance-lock.ts";
import type { Engine } from "../engine/connect.ts";
import type { Reporter } from "../instance/events.ts";
import { type Instance, instanceOf } from "../instance/instance.ts";
import type { Journal } from "../instance/journal.ts";
import type { OperationRecord } from "../instance/state.ts";
import { findInstance, type InstanceView } from "../instance/read-instance.ts";
import { type OperationResult, underLock } from "../runner/run.ts";
import { keepScheduler } from "../scheduled/keep-scheduler.ts";
import type { Language } from "../text/catalogue.ts";
import { endAdopt } from "./adopt.ts";
import { endInit, endRollback, endSwap, isCommitted } from "./end-unfinished.ts";

/**
 * Ends what an updater that was killed has begun: before the switch it is undone, after it finished.
 * @param again an operator tries it once more by itself; a command of a person's begins to count anew
 * @returns how that ended; nothing when there is nothing to end, or when another process is at it
 * @throws UpdaterError `recoveryFails`, `journalDamaged`, `journalContradicts`
 */
export async function recoverUnfinished(
  instance: Instance,
  language: Language,
  signal: AbortSignal,
  { again = false }: { readonly again?: boolean } = {},
): Promise<OperationResult | undefined> {
  const found = await findInstance(instance.engine, instance.name);
  const begun = found?.journal ?? found?.toTidy;
  if (!found || !begun) return undefined;
  try {
    return await recover(asBegun(instance, begun), language, found, begun, { signal, again });
  } catch (error) {
    if (isError(error, "locked")) return undefined;
    if (isError(error, "journalDamaged", "journalContradicts")) throw error;
    const { operation, to } = begun;
    throw new UpdaterError("recoveryFails", { operation, to, reason: messageOf(error) }, error);
  }
}

/**
 * A site that an operation was begun on, as it was configured then: what was switched off since is still undone, and
 * what went away since is not missed. It is operated from where it is now, though: its folder may have been moved.
 */
function asBegun(instance: Instance, { configuration: begun }: Journal): Instance {
  if (!begun || begun.text === instance.configuration.text) return instance;
  const configuration = keptConfiguration(instance.configuration.file, begun.text);
  return configuration ? { ...instance, configuration } : instance;
}

/**
 * The site that something unfinished was begun on, as it was configured then: what has become of its configuration since
 * keeps nobody waiting.
 * @param environment.configurationFile where it is now
 * @returns nothing where nothing is unfinished, or an earlier version of the updater has begun it
 */
export async function unfinishedInstance(
  engine: Engine,
  name: string,
  { configurationFile, reporter }: { configurationFile: string; reporter: Reporter },
): Promise<Instance | undefined> {
  const view = await findInstance(engine, name);
  const begun = (view?.journal ?? view?.toTidy)?.configuration;
  const kept = begun && keptConfiguration(resolve(configurationFile), begun.text);
  return kept && instanceOf(kept, engine, reporter);
}

/**
 * Starts what of the serving generation a person has stopped, frozen or removed.
 * @returns names of the containers that did not run
 * @throws UpdaterError `locked`, `volumeGone`
 */
export async function ensureServingRuns(instance: Instance): Promise<readonly string[]> {
  const { engine, name } = instance;
  const found = await findInstance(engine, name);
  if (!found?.serving) return [];
  const { state, serving } = found;
  const lock = { instance: name, image: state.proxyImage, operation: "recover" };
  return await withInstanceLock(engine, lock, async () => [
    ...(await ensureProxyRuns(instance, state)),
    ...(await ensureGenerationRuns(instance, serving)),
  ]);
}

async function recover(
  instance: Instance,
  language: Language,
  { state }: InstanceView,
  { id, operation, to, from, startedAt }: Journal,
  { signal, again }: { readonly signal: AbortSignal; readonly again: boolean },
): Promise<OperationResult | undefined> {
  const title = `recover (${operation} ${to})`;
  const lock = { instance, language, operation, title, image: state.proxyImage, id, startedAt };
  const result = await underLock(lock, async (context, view, conclude) => {
    // Another process may have ended it meanwhile.
    const journal = view?.journal ?? view?.toTidy;
    if (!view || journal?.id !== id) return undefined;
    const record = view.state.history.find((one) => one.id === id);
    // It died between telling how it ended and removing its journal.
    if (record && isEnded(record, journal)) {
      await context.control.clearJournal(id);
      return undefined;
    }
    const committed = isCommitted(journal, view);
    const counted = { ...journal, recoveries: (again ? (journal.recoveries ?? 0) : 0) + 1 };
    // On a full disk it is ended without being counted: users may be waiting.
    await context.control.writeJournal(counted, { durable: true }).catch(() => undefined);
    const { reporter } = context.instance;
    reporter.event({ type: "recovering", operation, to, since: startedAt, committed });
    const run = await ways[operation](context, counted, view, signal);
    // What a restore reads its backup with belongs to no generation.
    if (operation === "restore") await clearBackup(context);
    const concluded = await conclude({ from, to, run });
    return journal.left ? { ...concluded, tidied: true as const } : concluded;
  });
  // What was installed by hand has its own lines of cron, and what has moved in has none any more.
  if (state.generations.some(({ bareMetal }) => bareMetal)) await keepScheduler(instance);
  const makes = operation === "init" || operation === "adopt";
  // Users may be there where it is not clear whether it was undone.
  if (makes && result?.outcome.kind === "restored") {
    await removeInstance(instance);
  }
  return result;
}

/** What is in the history may still have something left: to be undone, or to be tidied after the switch. */
function isEnded({ outcome, operation }: OperationRecord, journal: Journal): boolean {
  if (outcome === "needs-human" || outcome === "clean-up-pending") return false;
  // A swap that was restored by a rollback of which something is left.
  return outcome !== "restored" || (operation === journal.operation && !journal.returnOf);
}

const ways = {
  swap: endSwap,
  restore: endSwap,
  rollback: endRollback,
  init: endInit,
  adopt: endAdopt,
} satisfies Record<Journal["operation"], unknown>;
