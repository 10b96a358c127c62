import { lastLines } from "../engine/container-output.ts";
import { execute } from "../engine/exec.ts";
import { isError, UpdaterError } from "../errors.ts";
import { sourceHost, startSource } from "../instance/bare-metal.ts";
import type { Instance } from "../instance/instance.ts";
import { waitTelling } from "../instance/waiting.ts";
import { abortable } from "../lib/abortable.ts";
import { until } from "../lib/until.ts";
import { type Carried, readCarried, readShapes } from "../postgres/carried.ts";
import { type Database, valueOf } from "../postgres/connect.ts";
import { lastDatabaseError } from "../postgres/errors-in-log.ts";
import { followedUpTo } from "../postgres/follow/follower.ts";
import {
  type CopyProgress,
  copyProgress,
  disableTriggers,
  endCopying,
  publishTables,
  refreshViews,
  slotOf,
  subscribe,
  subscription,
  unsubscribe,
  withoutTriggers,
} from "../postgres/live-copy.ts";
import { flushedPosition } from "../postgres/replication.ts";
import type { Hold } from "../runner/hold.ts";
import { asUpdaterError } from "../runner/known-error.ts";
import { output } from "../runner/outputs.ts";
import type { Step } from "../runner/step.ts";
import type { CopyContext } from "../steps/context.ts";
import { lagOf } from "../steps/tell-database.ts";
import { type CopyUndo, leaveMachine, refuseRestart, wayOfRows } from "./enable-replication.ts";
import { fillDatabase } from "./fill-database.ts";
import { loadingShare, tellOfHeld } from "./held.ts";

const copied = output<{
  readonly carried: Carried;
  readonly shapes: ReadonlyMap<string, string>;
  /** Statements that let triggers of the copy act again. */
  readonly triggers: readonly string[];
}>("what is copied");

/** Milliseconds that the end of a copy takes, however large it is: what was written last, numbers of sequences. */
const leastHeldMs = 2_000;

/** Milliseconds that copying everything while users wait may take. */
export function dumpLimitMs(
  { configuration }: Pick<Instance, "configuration">,
  { usableMs }: Pick<Hold, "usableMs">,
): number {
  return Math.min(configuration.adopt.dumpBelowMs, usableMs * loadingShare);
}

/** Copies the machine's database beside users, and lets the copy take in what they write meanwhile. */
export const replicateDatabase: Step<CopyContext, CopyUndo> = {
  name: "replicate-database",

  async apply(context, signal) {
    const { instance, sessions, serving, candidate, outputs } = context;
    if (outputs.get(wayOfRows) === "dump") return;
    const machine = await sessions.database(serving.number);
    const copy = await sessions.database(candidate.number);
    const shapes = await readShapes(machine);
    const carried = await readCarried(machine);
    await fillDatabase(context, signal, ["--schema-only"]);
    outputs.set(copied, { carried, shapes, triggers: await disableTriggers(copy) });
    await publishTables(machine, carried.live);
    const { bareMetal } = serving;
    if (!bareMetal) throw new Error("nothing leads to a machine");
    await startSource(instance, { ...candidate, bareMetal }, candidate.number);
    await untilReached(instance, candidate.number, signal);
    const { name } = instance.configuration.database;
    const from = `host=${sourceHost} port=5432 user=postgres dbname='${name}'`;
    await abortable(signal, subscribe(copy, from, slotOf(instance.name)));
    await untilCopied(context, carried, signal);
    await untilCaughtUp(context, signal);
  },

  undo: leaveMachine,
};

/**
 * Milliseconds in which users will wait for the database, and what else is to be known of that beforehand.
 * @param tookMs what copying everything takes
 */
export async function foreseeHeld(
  {
    instance,
    sessions,
    serving,
    hold,
  }: Pick<CopyContext, "instance" | "sessions" | "serving" | "hold">,
  tookMs: number,
): Promise<number> {
  if (tookMs <= dumpLimitMs(instance, hold)) return tookMs;
  const machine = await sessions.database(serving.number);
  try {
    await refuseRestart(machine, {});
  } catch (cause) {
    instance.reporter.event({ type: "warning", error: asUpdaterError(cause) });
  }
  return leastHeldMs + tellOfHeld(instance, await readCarried(machine), hold);
}

/** Milliseconds in which what leads to the machine must do so. */
const reachLimitMs = 30_000;

async function untilReached(
  { engine, names }: Instance,
  candidate: number,
  signal: AbortSignal,
): Promise<void> {
  const asks = ["pg_isready", "--quiet", `--host=${sourceHost}`];
  const reached = async () => (await execute(engine, names.database(candidate), asks)).status === 0;
  const otherwise = () => {
    throw new UpdaterError("databaseNotCopied", { reason: names.source(candidate) });
  };
  await until(reached, { intervalMs: 100, limitMs: reachLimitMs, otherwise, signal });
}

/** Milliseconds that copying all rows may take beside users. */
const copyLimitMs = 12 * 60 * 60_000;

async function untilCopied(
  { instance, sessions, candidate }: Pick<CopyContext, "instance" | "sessions" | "candidate">,
  { live }: Carried,
  signal: AbortSignal,
): Promise<void> {
  const { reporter } = instance;
  const total = live.reduce((sum, { bytes }) => sum + bytes, 0);
  const otherwise = () => {
    throw new UpdaterError("databaseNotCopied", { reason: `${copyLimitMs / 1000} s` });
  };
  const isCopied = async () => {
    const { left, bytes } = await progressOf({ instance, sessions, candidate });
    const done = Math.min(bytes, total);
    reporter.event({ type: "progress", step: "replicate-database", done, total, unit: "bytes" });
    return left === 0;
  };
  await until(isCopied, { intervalMs: 500, limitMs: copyLimitMs, otherwise, signal });
}

/** @throws UpdaterError `databaseNotCopied` where it has stopped at an error */
async function progressOf({
  instance: { engine, names },
  sessions,
  candidate,
}: Pick<CopyContext, "instance" | "sessions" | "candidate">): Promise<CopyProgress> {
  const progress = await copyProgress(await sessions.database(candidate.number));
  if (progress.working) return progress;
  const lines = await lastLines(engine, names.database(candidate.number), 100);
  const reason = lastDatabaseError(lines) ?? subscription;
  throw new UpdaterError("databaseNotCopied", { reason });
}

type Copying = Pick<CopyContext, "instance" | "sessions" | "serving" | "candidate" | "outputs">;

/** Beside users: until it lags by less than they may wait. */
async function untilCaughtUp(context: Copying, signal: AbortSignal): Promise<void> {
  const last = performance.now() + copyLimitMs;
  for (;;) {
    await progressOf(context);
    try {
      return await catchUpCopy(context, signal);
    } catch (error) {
      if (!isError(error, "followerLags") || performance.now() > last) throw error;
    }
  }
}

/** Until the copy has all that was written so far. */
async function catchUpCopy(
  { instance, sessions, serving, candidate }: Copying,
  signal: AbortSignal,
): Promise<void> {
  const position = await flushedPosition(await sessions.database(serving.number));
  const copy = await sessions.database(candidate.number);
  const lag = lagOf(instance, candidate.number);
  const limitMs = instance.configuration.hold.maxMs;
  await waitTelling(instance.reporter, async (found) => {
    const onLag = (bytes: number) => found(lag(bytes));
    await followedUpTo(copy, position, { limitMs, signal, onLag, by: subscription });
  });
}

/**
 * Once nobody writes any more: what was written last, what cannot come beside users, and nothing is left on the machine.
 * @throws UpdaterError `changedMeanwhile` where its tables are not those that were copied
 */
export async function completeCopy(context: Copying, signal: AbortSignal): Promise<void> {
  const { instance, sessions, serving, candidate, outputs } = context;
  const { carried, shapes, triggers } = outputs.get(copied);
  const machine = await sessions.database(serving.number);
  const now = await readShapes(machine);
  const all = new Set([...shapes.keys(), ...now.keys()]);
  const tables = [...all].filter((table) => shapes.get(table) !== now.get(table));
  if (tables.length > 0) throw new UpdaterError("changedMeanwhile", { tables });
  // Users wait for none that has stopped.
  await progressOf(context);
  await catchUpCopy(context, signal);
  const copy = await sessions.database(candidate.number);
  await abortable(signal, unsubscribe(copy));
  // Numbers of sequences, large objects, and rows of tables that are not published.
  const apart = carried.live.map(({ name }) => `--exclude-table-data=${name}`);
  await withoutTriggers(copy, instance.configuration.database, async () => {
    await fillDatabase(context, signal, ["--data-only", "--blobs", ...apart]);
  });
  for (const statement of triggers) await abortable(signal, copy.query(statement));
  await abortable(signal, refreshViews(copy, carried.views));
  await abortable(signal, endCopying(machine));
}

/** Bytes of the database, as its server tells. */
export async function sizeOf(machine: Database): Promise<number> {
  return Number(await valueOf(machine, "SELECT pg_database_size(current_database())::float8"));
}
