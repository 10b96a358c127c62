import type { Instance } from "../instance/instance.ts";
import { abortable } from "../lib/abortable.ts";
import type { Database } from "../postgres/connect.ts";
import { emptyOwnedDatabase } from "../postgres/create-database.ts";
import { forgetLoading, oidsBeyond } from "../postgres/foreign.ts";
import { readSchema } from "../postgres/schema.ts";
import type { Hold } from "../runner/hold.ts";
import type { Step } from "../runner/step.ts";
import { type CandidateContext, type CopyContext, servedSchema } from "../steps/context.ts";
import { startEmptyDatabase } from "../steps/init-instance.ts";
import { removeDatabase, wayOfRows } from "./enable-replication.ts";
import { fillDatabase } from "./fill-database.ts";
import { completeCopy, dumpLimitMs, sizeOf } from "./replicate-database.ts";

type Move = Pick<CopyContext, "instance" | "serving" | "candidate" | "sessions" | "outputs">;

/** More bytes than are copied in a millisecond anywhere: what would take too long all the same is not copied to see. */
const mostSpeed = 80_000;

/** Whether a database cannot come while users wait: it is too large, whatever the machine. */
export async function isTooLarge(
  machine: Database,
  instance: Pick<Instance, "configuration">,
  hold: Pick<Hold, "usableMs">,
): Promise<boolean> {
  return (await sizeOf(machine)) / mostSpeed > dumpLimitMs(instance, hold);
}

type Beginning = Move & Pick<CopyContext, "room" | "hold">;

/** An empty database, in a cluster of its own. */
export async function startCopy(context: Beginning, signal: AbortSignal): Promise<void> {
  const { instance, serving, candidate, sessions, room } = context;
  await room.disk();
  await room.memory();
  // Tables of both go together by their names, as long as none has another's number by chance.
  const firstOid = await oidsBeyond(await sessions.database(serving.number));
  await startEmptyDatabase({ instance, sessions }, { ...candidate, firstOid }, signal);
}

/** Fills it with all there is. @returns milliseconds that it took */
export async function fillMeasured(context: Move, signal: AbortSignal): Promise<number> {
  const began = performance.now();
  await fillDatabase(context, signal);
  return performance.now() - began;
}

/**
 * Copies the machine's database while users work: the release is prepared on that copy, and it tells how long they would wait
 * for the one that counts, and so how that is to come.
 */
export const copyForeignDatabase: Step<
  Omit<CopyContext, "release">,
  Pick<CandidateContext, "instance" | "candidate" | "sessions">
> = {
  name: "copy-database",

  async apply(context, signal) {
    const { instance, serving, sessions, hold, outputs } = context;
    await startCopy(context, signal);
    let replicates = await isTooLarge(await sessions.database(serving.number), instance, hold);
    if (!replicates) {
      replicates = (await fillMeasured(context, signal)) > dumpLimitMs(instance, hold);
      if (replicates) await emptyDatabase(context, signal);
    }
    outputs.set(wayOfRows, replicates ? "replication" : "dump");
  },

  undo: removeDatabase,
};

/** What is missing once nobody writes any more: what was written last, or everything once more from the beginning. */
export const moveDatabase: Step<Move> = {
  name: "move-database",
  gate: "closed",

  async apply(context, signal) {
    if (context.outputs.get(wayOfRows) === "replication") await completeCopy(context, signal);
    else {
      await emptyDatabase(context, signal);
      await fillDatabase(context, signal);
    }
    await noteLoaded(context, signal);
  },
};

/** What was loaded is what the release finds, and nothing that its migrations have done. */
export async function noteLoaded(
  { sessions, candidate, outputs }: Pick<CopyContext, "sessions" | "candidate" | "outputs">,
  signal: AbortSignal,
): Promise<void> {
  const database = await sessions.database(candidate.number);
  outputs.set(servedSchema, await readSchema(database));
  await abortable(signal, forgetLoading(database));
}

async function emptyDatabase(
  { instance, candidate, sessions }: Move,
  signal: AbortSignal,
): Promise<void> {
  const server = await sessions.maintenanceDatabase(candidate.number);
  try {
    await abortable(signal, emptyOwnedDatabase(server, instance.configuration.database));
  } finally {
    await server.end();
  }
}
