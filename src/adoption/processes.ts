import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { uptime } from "node:os";

/** A process of this machine. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Number of the user it runs as. */
  readonly user: number;
  readonly argv: readonly string[];
  /** The folder it runs in; undefined where it may not be asked. */
  readonly folder: string | undefined;
  /** The file it was started from. */
  readonly program: string | undefined;
  /** Names of its control groups, one a line: those of systemd name the unit that has started it. */
  readonly groups: string;
}

/**
 * All processes of this machine that this one may see. Those of containers, our own proxy's nginx among them, are other machines':
 * their paths lead elsewhere. Source: /proc.
 */
export async function listProcesses(): Promise<readonly Process[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const root = await rootOf("/");
  const found = await Promise.all(names.map(async (name) => await readProcess(Number(name), root)));
  return found.filter((process) => process !== undefined);
}

/** What tells a root folder from those of others; undefined where it may not be asked. */
async function rootOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && `${found.dev}:${found.ino}`;
}

/** @returns nothing when it has ended, or has another root */
async function readProcess(pid: number, root: string | undefined): Promise<Process | undefined> {
  const folder = `/proc/${pid}`;
  if (((await rootOf(`${folder}/root/`)) ?? root) !== root) return undefined;
  try {
    const [{ uid }, argv, status] = await Promise.all([
      stat(folder),
      readFile(`${folder}/cmdline`, "utf8"),
      readFile(`${folder}/status`, "utf8"),
    ]);
    const link = async (name: string) => await readlink(`${folder}/${name}`).catch(() => undefined);
    return {
      pid,
      parent: Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]),
      user: uid,
      // A process that gives itself a title has one string, and may fill it up with zeros.
      argv: argv.replace(/\0+$/, "").split("\0"),
      folder: await link("cwd"),
      program: await link("exe"),
      groups: await readFile(`${folder}/cgroup`, "utf8").catch(() => ""),
    };
  } catch {
    return undefined;
  }
}

/** Of the kernel, a second. */
const ticks = 100;

/** When a process began, milliseconds since 1970, to some hundredths of a second; undefined when it has ended. */
export async function beganAt(pid: number): Promise<number | undefined> {
  const own = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name, which may hold anything, ends with the last parenthesis.
  const began = own.slice(own.lastIndexOf(")") + 2).split(" ")[19];
  if (began === undefined) return undefined;
  // The kernel's own `btime` has no fractions: what began just after a file was written would have begun before it.
  return Date.now() - (uptime() - Number(began) / ticks) * 1000;
}

/** Those that it was started by, nearest first. */
export function ancestorsOf(process: Process, all: readonly Process[]): readonly Process[] {
  const parent = all.find(({ pid }) => pid === process.parent);
  return parent === undefined || parent === process ? [] : [parent, ...ancestorsOf(parent, all)];
}
