import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { restoreForeign } from "../backup/restore-dump.ts";
import { openSession } from "../engine/exec.ts";
import { isError, messageOf, UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { abortable } from "../lib/abortable.ts";
import type { CopyContext } from "../steps/context.ts";

type Filling = Pick<CopyContext, "instance" | "serving" | "candidate">;

/**
 * From the machine's PostgreSQL into the candidate's database.
 * @param options of pg_dump: what of it, where that is not everything
 */
export async function fillDatabase(
  { instance, serving, candidate }: Filling,
  signal: AbortSignal,
  options: readonly string[] = [],
): Promise<void> {
  const dump = await dumpForeign(instance, serving.number, options);
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
async function dumpForeign(
  { engine, names, configuration }: Instance,
  generation: number,
  options: readonly string[],
) {
  const { name } = configuration.database;
  const leftOut = ["owner", "privileges", "publications", "subscriptions", "tablespaces"];
  const session = await openSession(engine, names.database(generation), [
    "pg_dump",
    "--host=/run/postgresql",
    "--username=postgres",
    ...leftOut.map((one) => `--no-${one}`),
    ...options,
    `--dbname=${name}`,
  ]);
  session.stdin.end();
  const complaints: string[] = [];
  createInterface({ input: session.stderr }).on("line", (line) => complaints.push(line));
  const sql: Readable = session.stdout;
  return { name, sql, complaints, ended: session.ended, end: () => session.stdin.destroy() };
}
