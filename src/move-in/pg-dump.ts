import { lstat, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { openSession } from "../engine/exec.ts";
import { UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import type { BareMetal, Generation } from "../instance/state.ts";
import { users } from "../instance/users.ts";
import { imageMajor, programsOf } from "../postgres/foreign.ts";
import { majorOf } from "../postgres/connect.ts";
import type { Sessions } from "../runner/sessions.ts";
import { startAs, userOf } from "./as-user.ts";

interface Machine {
  readonly instance: Instance;
  readonly sessions: Sessions;
  readonly serving: Pick<Generation, "number" | "bareMetal">;
}

/** A pg_dump at work. */
export interface Dumping {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves with its exit status. */
  readonly ended: Promise<number>;
  end(): void;
}

/**
 * Starts a pg_dump of the machine's PostgreSQL, as the user to whom the cluster belongs: ours, through what leads there. It
 * refuses a server that is newer than itself, whose own does it then.
 * @throws UpdaterError `noPgDump`
 */
export async function startPgDump(
  { instance: { engine, names }, sessions, serving }: Machine,
  options: readonly string[],
  signal: AbortSignal,
): Promise<Dumping> {
  const asWho = ["--username=postgres", "--no-password"];
  const database = await sessions.database(serving.number);
  const major = await majorOf(database);
  if (serving.bareMetal && major > imageMajor) {
    const path = join(await programsOf(database), "pg_dump");
    const program = await trusted(path);
    if (program === undefined) throw new UpdaterError("noPgDump", { major, path });
    const { database: cluster } = serving.bareMetal;
    const place = [`--host=${cluster.folder}`, `--port=${cluster.port}`];
    return await onMachine([program, ...place, ...asWho, ...options], cluster, signal);
  }
  const command = ["pg_dump", "--host=/run/postgresql", ...asWho, ...options];
  const session = await openSession(engine, names.database(serving.number), command);
  session.stdin.end();
  return { ...session, end: () => session.stdin.destroy() };
}

async function onMachine(
  command: readonly string[],
  { user }: BareMetal["database"],
  signal: AbortSignal,
): Promise<Dumping> {
  const process = startAs(await userOf(user), command, signal);
  process.stdin.end();
  const { stdout, stderr } = process;
  const ended = process.then(({ exitCode }) => exitCode ?? -1);
  return { stdout, stderr, ended, end: () => void process.kill() };
}

/** The file of a program that nobody but root can put another one in the place of; nothing where there is none. */
export async function trusted(program: string): Promise<string | undefined> {
  try {
    const file = await realpath(program);
    for (let path = file; ; path = dirname(path)) {
      const { uid, mode } = await lstat(path);
      if (uid !== users.root || (mode & 0o022) !== 0) return undefined;
      if (path === "/") return file;
    }
  } catch {
    return undefined;
  }
}
