import { readFile } from "node:fs/promises";
import { execa } from "execa";

/** A user of this machine. */
export interface User {
  readonly id: number;
  readonly group: number;
  readonly name: string;
  readonly home: string;
}

/** Source: /etc/passwd, and whoever else `getent` asks (a directory of the house). */
export async function userOf(id: number): Promise<User> {
  const { stdout } = await execa("getent", ["passwd", String(id)], { reject: false });
  const [name = String(id), , , group = id, , home = "/"] = (stdout ?? "").split(":");
  return { id, group: Number(group), name, home };
}

export interface Answer {
  readonly done: boolean;
  readonly stdout: string;
  /** The last of what it said where it was not done. */
  readonly complaint: string;
}

interface RunOptions {
  readonly folder: string;
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/**
 * Runs a program as the site's own user, with its groups and nothing of our environment: what it reads and runs belongs to
 * whoever may change it, so root does not.
 */
export async function runAs(
  user: User,
  command: readonly string[],
  { folder, limitMs, signal }: RunOptions,
): Promise<Answer> {
  const [first = "", ...rest] = asUser(user, command);
  const { failed, stdout, stderr, shortMessage } = await execa(first, rest, {
    cwd: folder,
    stdin: "ignore",
    reject: false,
    timeout: limitMs,
    killDescendants: true,
    cancelSignal: signal,
    maxBuffer: 64 << 20,
  });
  signal.throwIfAborted();
  const complaint = (stderr ?? "").trim().split("\n").slice(-5).join("\n") || (shortMessage ?? "");
  return { done: !failed, stdout: stdout ?? "", complaint };
}

/** Starts a program in the same way, for us to talk to; it ends when its input does. */
export function startAs(user: User, command: readonly string[], signal: AbortSignal) {
  const [first = "", ...rest] = asUser(user, command);
  return execa(first, rest, { cwd: "/", reject: false, buffer: false, cancelSignal: signal });
}

function asUser(user: User, command: readonly string[]): string[] {
  const change =
    process.getuid?.() === user.id
      ? ["env"]
      : ["setpriv", `--reuid=${user.id}`, `--regid=${user.group}`, "--init-groups", "env"];
  const environment = [
    "-i",
    `HOME=${user.home}`,
    `USER=${user.name}`,
    `PATH=${searched}`,
    "LC_ALL=C.UTF-8",
  ];
  return [...change, ...environment, ...command];
}

const searched = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Milliseconds in which a file must have been read. */
const readLimitMs = 10_000;

/** A file as a user sees it, or nothing: what stands there may lead anywhere. */
export async function readAs(
  user: User,
  file: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const options = { folder: "/", limitMs: readLimitMs, signal };
  const { done, stdout } = await runAs(user, ["cat", "--", file], options);
  return done ? stdout : undefined;
}

/** A file of root's, or nothing. */
export const textOf = async (file: string): Promise<string | undefined> =>
  await readFile(file, "utf8").catch(() => undefined);
