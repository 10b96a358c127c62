import { setTimeout as delay } from "node:timers/promises";
import type { Environment } from "../commands/command.ts";
import { reportRecorded, reportRecovery } from "../commands/operation-report.ts";
import { loadConfiguration } from "../config/load.ts";
import { connectEngine, type Engine } from "../engine/connect.ts";
import { exit, type ExitCode, isError, messageOf, UpdaterError } from "../errors.ts";
import { type Instance, instanceOf } from "../instance/instance.ts";
import type { Journal } from "../instance/journal.ts";
import { findLock, holderOf } from "../instance/instance-lock.ts";
import { findInstance } from "../instance/read-instance.ts";
import type { OperationRecord } from "../instance/state.ts";
import { fromNow, tellWaiting } from "../instance/waiting.ts";
import { until } from "../lib/until.ts";
import { recoverUnfinished, unfinishedInstance } from "../operations/recover.ts";
import { tidyRemains } from "../operations/tidy-remains.ts";
import { backupThere, rehearsalThere } from "../rehearsal/rehearsal.ts";
import type { OperationResult } from "../runner/run.ts";
import type { Wait } from "../text/catalogue.ts";

/** How long an engine that starts may be busy with other things first. */
const engineLimitMs = 5 * 60_000;
/** How long another command's recovery may take to end, or the lock of one's former life to go. */
const lockLimitMs = 60_000;
const intervalMs = 500;
/** Before it is tried once more: a full disk, a slow database, a configuration that is being edited. */
const pausesMs = [5_000, 30_000, 120_000, 600_000, 600_000];

/**
 * Ends what this operator had begun before it was killed, in more than one attempt where the first ones fail.
 * @returns nothing when it was killed each time it tried
 */
export async function recoverOwn(environment: Environment): Promise<ExitCode | undefined> {
  const engine = await onceTheEngineAnswers(environment);
  for (let tried = 0; ; tried++) {
    const instance = await ownInstance(environment, engine);
    // The journal counts those of earlier lives, too; on a full disk it counts none.
    const counted = (await begunOn(engine, instance.name))?.recoveries ?? 0;
    const attempts = Math.max(tried, counted);
    if (attempts > pausesMs.length) return undefined;
    const ended = await attempt(environment, instance);
    if (typeof ended === "number") return ended;
    const failure = reasonOf(ended);
    const pauseMs = pausesMs[attempts];
    const again = failure !== undefined && pauseMs !== undefined && !environment.signal.aborted;
    if (!again) return conclude(environment, ended);
    const { cause, ...facts } = failure;
    const error = new UpdaterError(
      "recoveryTriedAgain",
      { ...facts, seconds: pauseMs / 1000 },
      cause,
    );
    environment.reporter.event({ type: "warning", error });
    await delay(pauseMs, undefined, { signal: environment.signal }).catch(() => undefined);
  }
}

/** How one attempt went: an exit code when there was nothing left to do. */
type Attempt = ExitCode | OperationResult | UpdaterError<"recoveryFails">;

async function attempt(environment: Environment, instance: Instance): Promise<Attempt> {
  let ended: Attempt | undefined;
  let journal: Journal | undefined;
  const look = async () => {
    await tidyRemains(instance);
    const { language, signal } = environment;
    ended = await recoverUnfinished(instance, language, signal, { again: true });
    if (ended) return true;
    const view = await findInstance(instance.engine, instance.name);
    journal = view?.journal;
    const left = (await rehearsalThere(instance)) === "remains" || (await backupThere(instance));
    if (journal || left) return false;
    ended = reportEnd(environment, view?.state.history ?? []);
    return true;
  };
  const otherwise = () => {
    throw new UpdaterError("unfinished", journal ?? { operation: "rehearse", to: "" });
  };
  try {
    const looks = until(look, { intervalMs, limitMs: lockLimitMs, otherwise });
    await tellWaiting(environment.reporter, async () => await holderIn(instance), looks);
  } catch (error) {
    if (!isError(error, "recoveryFails")) throw error;
    return error;
  }
  return ended ?? exit.done;
}

/** Who has the lock of an instance, as what is waited for. */
async function holderIn({ engine, name }: Instance): Promise<Wait | undefined> {
  const lock = await findLock(engine, name);
  return lock && { kind: "operation", ...holderOf(lock.labels, lock.createdAt) };
}

/** Why it is not at its end; nothing when it is. */
function reasonOf(ended: OperationResult | UpdaterError<"recoveryFails">) {
  if (ended instanceof UpdaterError) return { ...ended.parameters, cause: ended.cause };
  const { operation, to, outcome } = ended;
  if (outcome.kind !== "needs-human") return undefined;
  const cause = outcome.undoError;
  return { operation, to, reason: messageOf(cause), cause };
}

function conclude(
  environment: Environment,
  ended: OperationResult | UpdaterError<"recoveryFails">,
): ExitCode {
  if (ended instanceof UpdaterError) throw ended;
  return reportRecovery(environment, ended, exit.restored);
}

/** Whether the journal still tells of what this operator has begun. */
export async function isUnfinished(environment: Environment): Promise<boolean> {
  const engine = await onceTheEngineAnswers(environment);
  const { name } = await ownInstance(environment, engine);
  const begun = await begunOn(engine, name);
  // An operation that has just kept this one from beginning is another's.
  return begun !== undefined && begun.startedAt >= (process.env["UPDATER_SINCE"] ?? "");
}

async function begunOn(engine: Engine, name: string): Promise<Journal | undefined> {
  const view = await findInstance(engine, name);
  return view?.journal ?? view?.toTidy;
}

/**
 * The site this operator was started for. What an operation began on is in its journal: a configuration that has become
 * invalid since (a share that is not mounted yet, a file half edited) keeps nobody waiting.
 */
async function ownInstance(environment: Environment, engine: Engine): Promise<Instance> {
  const { configurationFile, reporter } = environment;
  const name = process.env["UPDATER_INSTANCE"];
  const begun =
    name === undefined ? undefined : await unfinishedInstance(engine, name, environment);
  return begun ?? instanceOf(await loadConfiguration(configurationFile), engine, reporter);
}

async function onceTheEngineAnswers({ reporter }: Environment): Promise<Engine> {
  let engine: Engine | undefined;
  let away: unknown;
  const answers = async () => {
    try {
      engine = await connectEngine();
      return true;
    } catch (error) {
      if (!isError(error, "engineUnreachable")) throw error;
      away = error;
      return false;
    }
  };
  const otherwise = () => {
    throw away;
  };
  const since = fromNow();
  const look = () => (away ? ({ kind: "engine", since } as const) : undefined);
  const answered = until(answers, { intervalMs, limitMs: engineLimitMs, otherwise });
  await tellWaiting(reporter, look, answered);
  if (!engine) throw away;
  return engine;
}

/** It was killed before its first step, or after its last. */
function reportEnd(environment: Environment, history: readonly OperationRecord[]): ExitCode {
  const recorded = reportRecorded(environment, history, process.env["UPDATER_SINCE"] ?? "");
  if (recorded !== undefined) return recorded;
  const code = exit.restored;
  environment.print(environment.catalogue.cli.recovery.notBegun, {
    type: "result",
    exitCode: code,
  });
  return code;
}
