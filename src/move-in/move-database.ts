import { createInterface } from "node:readline";
import { restoreForeign } from "../backup/restore-dump.ts";
import { isError, messageOf, UpdaterError } from "../errors.ts";
import { removeParts } from "../instance/prune.ts";
import { abortable } from "../lib/abortable.ts";
import { emptyOwnedDatabase } from "../postgres/create-database.ts";
import { valueOf } from "../postgres/connect.ts";
import { forgetLoading, oidsBeyond } from "../postgres/foreign.ts";
import { readSchema } from "../postgres/schema.ts";
import { type Hold, usableShare } from "../runner/hold.ts";
import { output } from "../runner/outputs.ts";
import type { Step } from "../runner/step.ts";
import { type CandidateContext, type CopyContext, servedSchema } from "../steps/context.ts";
import { copyContainerLog } from "../steps/copy-container-log.ts";
import { startEmptyDatabase } from "../steps/init-instance.ts";
import { startPgDump } from "./pg-dump.ts";

/** Milliseconds that copying the machine's database takes. */
export const copyingTime = output<number>("time that copying the machine's database takes");

type Move = Pick<CopyContext, "instance" | "serving" | "candidate" | "sessions">;

/** Share of the time in which all must be done that users wait for: the release boots in the rest. */
const loadingShare = 0.6;

/** The longest that users may be told to wait, milliseconds: what `[hold] max` takes. */
const longestHoldMs = 10 * 60_000;

/** More bytes than are copied in a millisecond anywhere: what would take too long all the same is not copied at all. */
const mostSpeed = 80_000;

/** @throws UpdaterError `databaseTooLarge` where copying takes longer, in milliseconds, than users may wait for it */
function refuseLarge(tookMs: number, { usableMs }: Pick<Hold, "usableMs">): void {
  if (tookMs <= usableMs * loadingShare) return;
  const seconds = Math.ceil(tookMs / 1000);
  const neededMs = (1.1 * tookMs) / (usableShare * loadingShare);
  const needed = neededMs > longestHoldMs ? null : Math.ceil(neededMs / 1000);
  throw new UpdaterError("databaseTooLarge", { seconds, needed });
}

/**
 * Copies the machine's database while users work: the release is prepared on that copy, and it tells how long they will wait
 * for the one that counts.
 */
export const copyForeignDatabase: Step<
  Omit<CopyContext, "release">,
  Pick<CandidateContext, "instance" | "candidate" | "sessions">
> = {
  name: "copy-database",

  async apply(context, signal) {
    const { instance, serving, candidate, sessions, room, hold } = context;
    await room.disk();
    await room.memory();
    const source = await sessions.database(serving.number);
    const size = "SELECT pg_database_size(current_database())::float8";
    refuseLarge(Number(await valueOf(source, size)) / mostSpeed, hold);
    // Tables of both go together by their names, as long as none has another's number by chance.
    const firstOid = await oidsBeyond(source);
    await startEmptyDatabase({ instance, sessions }, { ...candidate, firstOid }, signal);
    const began = performance.now();
    await fill(context, signal);
    const took = performance.now() - began;
    context.outputs.set(copyingTime, took);
    refuseLarge(took, hold);
  },

  async undo({ instance, candidate, sessions }) {
    await sessions.closeGeneration(candidate.number);
    await copyContainerLog(instance, "database", candidate.number);
    await removeParts(instance, candidate.number);
  },
};

/** The same once nobody writes any more, from the beginning. */
export const moveDatabase: Step<Move & Pick<CopyContext, "outputs">> = {
  name: "move-database",
  gate: "closed",

  async apply(context, signal) {
    const { instance, candidate, sessions } = context;
    const server = await sessions.maintenanceDatabase(candidate.number);
    try {
      await abortable(signal, emptyOwnedDatabase(server, instance.configuration.database));
    } finally {
      await server.end();
    }
    await fill(context, signal);
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

/** From the machine's PostgreSQL into the candidate's database, which is empty. */
async function fill(context: Move, signal: AbortSignal): Promise<void> {
  const { instance, candidate } = context;
  const dump = await dumpForeign(context, signal);
  const read = () => Promise.resolve(dump.sql);
  const source = { kind: "sql", compression: "none", path: dump.name, read } as const;
  try {
    await restoreForeign(instance, candidate.number, source, signal);
    const status = await abortable(signal, dump.ended);
    if (status !== 0) throw new Error(`pg_dump: ${status}`);
  } catch (error) {
    signal.throwIfAborted();
    if (isError(error, "dumpTooLarge")) throw error;
    const said = dump.complaints.slice(-3).join("\n  ");
    const broken = isError(error, "dumpRefused") ? error.parameters.reason : said;
    const reason = broken || said || messageOf(error);
    throw new UpdaterError("databaseNotCopied", { reason }, error);
  } finally {
    dump.end();
  }
}

/** Everything in the machine's database as SQL, without whose it is there. */
async function dumpForeign(context: Move, signal: AbortSignal) {
  const { name } = context.instance.configuration.database;
  const leftOut = ["owner", "privileges", "publications", "subscriptions", "tablespaces"];
  const options = [...leftOut.map((one) => `--no-${one}`), `--dbname=${name}`];
  const { stdout: sql, stderr, ...dumping } = await startPgDump(context, options, signal);
  const complaints: string[] = [];
  createInterface({ input: stderr }).on("line", (line) => complaints.push(line));
  return { ...dumping, name, sql, complaints };
}
