import { createInterface } from "node:readline";
import { restoreForeign } from "../backup/restore-dump.ts";
import { isError, messageOf, UpdaterError } from "../errors.ts";
import { abortable } from "../lib/abortable.ts";
import type { CopyContext } from "../steps/context.ts";
import { startPgDump } from "./pg-dump.ts";

type Filling = Pick<CopyContext, "instance" | "serving" | "candidate" | "sessions">;

/**
 * From the machine's PostgreSQL into the candidate's database.
 * @param options of pg_dump: what of it, where that is not everything
 */
export async function fillDatabase(
  context: Filling,
  signal: AbortSignal,
  options: readonly string[] = [],
): Promise<void> {
  const { instance, candidate } = context;
  const dump = await dumpForeign(context, options, signal);
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

/** What is in the machine's database as SQL, without whose it is there. */
async function dumpForeign(context: Filling, options: readonly string[], signal: AbortSignal) {
  const { name } = context.instance.configuration.database;
  const leftOut = ["owner", "privileges", "publications", "subscriptions", "tablespaces"];
  const all = [...leftOut.map((one) => `--no-${one}`), ...options, `--dbname=${name}`];
  const { stdout: sql, stderr, ...dumping } = await startPgDump(context, all, signal);
  const complaints: string[] = [];
  createInterface({ input: stderr }).on("line", (line) => complaints.push(line));
  return { ...dumping, name, sql, complaints };
}
