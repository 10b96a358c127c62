import { execute } from "../engine/exec.ts";
import { attachLines } from "../engine/container-output.ts";
import {
  exitStatus,
  removeContainer,
  removeContainers,
  signalContainer,
  startCreated,
} from "../engine/containers.ts";
import { removeVolumes } from "../engine/volumes.ts";
import { labelsOf } from "../engine/labels.ts";
import { UpdaterError } from "../errors.ts";
import { createClone, createGenerationVolumes, startDatabase } from "../instance/containers.ts";
import { cloneSlotPrefix } from "../instance/names.ts";
import type { Step } from "../runner/step.ts";
import { type CandidateContext, type CopyContext, servedSchema } from "./context.ts";
import { copyContainerLog } from "./copy-container-log.ts";
import { waitForDatabase } from "../instance/database-ready.ts";
import { fromNow } from "../instance/waiting.ts";
import type { Database } from "../postgres/connect.ts";
import { oldestWriter } from "../postgres/blockers.ts";
import { dropAbandonedSlots, dropSlot, flushedPosition } from "../postgres/replication.ts";
import { readSchema } from "../postgres/schema.ts";
import { catchUpTelling, sessionOf } from "./tell-database.ts";

/** What a standby may take to let anybody in while a transaction keeps it from that, and while none does. */
const openLimitMs = 30 * 60_000;
const startLimitMs = 5 * 60_000;
/** What a standby may take to follow the serving database before the gate closes. */
const followLimitMs = 10 * 60_000;

/** Copies the serving database while it works, and lets the copy follow it as a standby. */
export const cloneDatabase: Step<
  Omit<CopyContext, "release">,
  Pick<CandidateContext, "instance" | "candidate" | "sessions"> & Pick<CopyContext, "serving">
> = {
  name: "clone-database",

  async apply(context, signal) {
    const { instance, serving, candidate, sessions, room, outputs } = context;
    await room.disk();
    await room.memory();
    const source = await sessions.database(serving.number);
    await dropAbandonedSlots(source, cloneSlotPrefix);
    await createGenerationVolumes(instance, candidate.number);
    await copy(context, signal);
    await startDatabase(instance, candidate);
    await untilStandbyOpens(context, source, signal);
    const standby = await sessions.database(candidate.number);
    const position = await flushedPosition(source);
    const followed = { generation: candidate.number, standby, position };
    await catchUpTelling(instance, followed, { limitMs: followLimitMs, signal });
    // Here users do not wait for it, and the session in which it is read again later is quicker then. A version that
    // serves changes no tables.
    outputs.set(servedSchema, await readSchema(standby));
  },

  async undo({ instance, serving, candidate, sessions }) {
    const { engine, names, name } = instance;
    await sessions.closeGeneration(candidate.number);
    await copyContainerLog(instance, "database", candidate.number);
    // Scratch: what wrote its configuration, if that was cut off.
    for (const role of ["clone", "database", "scratch"] as const) {
      await removeContainers(engine, labelsOf(name, role, candidate.number));
    }
    const source = await sessions.database(serving.number);
    await dropSlot(source, names.cloneSlot(candidate.number));
    // Its folder for replication, in the volume databases share.
    await execute(engine, names.database(serving.number), [
      "rm",
      "-rf",
      `/run/biomaid/replication/g${candidate.number}`,
    ]);
    // Last: as long as there are volumes, they tell that there is something to remove.
    for (const role of ["database-data", "database-socket", "configuration"] as const) {
      await removeVolumes(engine, labelsOf(name, role, candidate.number));
    }
  },
};

/**
 * A standby lets nobody in as long as a transaction goes on that had more than 64 parts when the copy was made, as an import
 * has that saves each row by itself. Whoever waits for it is told.
 */
async function untilStandbyOpens(
  { instance, serving, candidate }: Pick<CopyContext, "instance" | "serving" | "candidate">,
  source: Database,
  signal: AbortSignal,
): Promise<void> {
  const container = instance.names.database(candidate.number);
  const since = fromNow();
  const began = performance.now();
  // What keeps it from opening was there before it.
  const writerInTheWay = async () =>
    sessionOf(instance, serving.number, await oldestWriter(source, performance.now() - began));
  const unexplained = new AbortController();
  const look = async () => {
    const writer = await writerInTheWay();
    if (writer) return writer;
    if (performance.now() - began > startLimitMs) {
      const seconds = startLimitMs / 1000;
      unexplained.abort(new UpdaterError("databaseDoesNotStart", { container, seconds }));
    }
    return { kind: "database", since, container } as const;
  };
  const either = AbortSignal.any([signal, unexplained.signal]);
  try {
    await waitForDatabase(instance, candidate.number, either, { limitMs: openLimitMs, look });
  } catch (error) {
    // One that has ended by itself has not waited.
    const late = performance.now() - began >= openLimitMs;
    const awaited = late ? await writerInTheWay() : undefined;
    if (!awaited) throw error;
    throw new UpdaterError("waitedTooLong", { seconds: openLimitMs / 1000, awaited }, error);
  }
}

async function copy(
  { instance, serving, candidate }: Pick<CopyContext, "instance" | "serving" | "candidate">,
  signal: AbortSignal,
): Promise<void> {
  const { engine, reporter } = instance;
  const id = await createClone(instance, candidate, serving.number);
  const lines = await attachLines(engine, id);
  const last: string[] = [];
  const read = async () => {
    for await (const line of lines) {
      const progress = /^\s*(\d+)\/(\d+) kB/.exec(line);
      if (progress) {
        reporter.event({
          type: "progress",
          step: "clone-database",
          done: Number(progress[1]) * 1024,
          total: Number(progress[2]) * 1024,
          unit: "bytes",
        });
      } else {
        last.push(line);
        reporter.event({ type: "output", source: "database", line });
      }
    }
  };
  const stop = () => void signalContainer(engine, id, "SIGKILL").catch(() => undefined);
  signal.addEventListener("abort", stop, { once: true });
  try {
    const reading = read();
    await startCreated(engine, id);
    const status = await exitStatus(engine, id);
    await reading;
    signal.throwIfAborted();
    if (status !== 0) throw new UpdaterError("cloneFailed", { reason: last.slice(-3).join(" ") });
  } finally {
    signal.removeEventListener("abort", stop);
    await removeContainer(engine, id);
  }
}
