import { readdir, readFile, readlink, stat } from "node:fs/promises";

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

/** All processes that this one may see. Source: /proc. */
export async function listProcesses(): Promise<readonly Process[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(names.map(async (name) => await readProcess(Number(name))));
  return found.filter((process) => process !== undefined);
}

/** @returns nothing when it has ended */
async function readProcess(pid: number): Promise<Process | undefined> {
  const folder = `/proc/${pid}`;
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

/** When a process began, milliseconds since 1970; undefined when it has ended. */
export async function beganAt(pid: number): Promise<number | undefined> {
  const read = async (file: string) => await readFile(file, "utf8").catch(() => "");
  const [own, all] = await Promise.all([read(`/proc/${pid}/stat`), read("/proc/stat")]);
  // The name, which may hold anything, ends with the last parenthesis.
  const began = own.slice(own.lastIndexOf(")") + 2).split(" ")[19];
  const booted = /^btime (\d+)/m.exec(all)?.[1];
  if (began === undefined || booted === undefined) return undefined;
  return (Number(booted) + Number(began) / ticks) * 1000;
}

/** Those that it was started by, nearest first. */
export function ancestorsOf(process: Process, all: readonly Process[]): readonly Process[] {
  const parent = all.find(({ pid }) => pid === process.parent);
  return parent === undefined || parent === process ? [] : [parent, ...ancestorsOf(parent, all)];
}
