import { abortable } from "../lib/abortable.ts";
import { isRunning } from "../engine/containers.ts";
import { execute } from "../engine/exec.ts";
import { diskNeeds, freeMemory, guessedMemory, memoryNeeds, spare } from "../runner/preflight.ts";
import { Sessions } from "../runner/sessions.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";
import type { Machine } from "./check-context.ts";
import { withScratch } from "../engine/scratch-container.ts";
import { scriptBeside, shellCommand } from "../lib/script.ts";

const filesystem = scriptBeside(import.meta.url, "filesystem.sh");

/** Fewer free inodes than two images have files. */
const fewInodes = 100_000;

/** Milliseconds for the database to tell its size. */
const databaseLimitMs = 8_000;

/** Disk, inodes, memory, and what the file system of volumes can do. */
export async function checkResources(machine: Machine): Promise<Finding[]> {
  const { engine, name, image, signal } = machine;
  if (image === undefined) return [problem("noImage", {})];
  return await withScratch(engine, name, { image }, signal, async (scratch) => {
    const [disk, memory] = await Promise.all([neededDisk(machine), neededMemory(machine)]);
    const found = await filesystemOf(machine, scratch);
    const free = await freeMemory(engine, scratch);
    return [
      ...judgeDisk({ ...found, needed: disk }),
      free < memory
        ? problem("memoryTooSmall", { needed: memory, free })
        : ok("memory", { needed: memory, free }),
      ok("reflinks", { there: found.reflinks }),
    ];
  });
}

/** @param total inodes; 0 on a file system that makes them as they are needed */
export function judgeDisk({
  needed,
  free,
  inodes,
  total,
}: Readonly<Record<"needed" | "free" | "inodes" | "total", number>>): Finding[] {
  return [
    free < needed ? problem("diskTooSmall", { needed, free }) : ok("disk", { needed, free }),
    total > 0 && inodes < fewInodes
      ? warning("fewInodes", { free: inodes, total })
      : ok("inodes", { free: total > 0 ? inodes : null }),
  ];
}

async function filesystemOf({ engine }: Machine, scratch: string) {
  const { stdout } = await execute(engine, scratch, shellCommand(filesystem, "/scratch"));
  const [numbers = "", reflinks] = stdout.trim().split("\n");
  const [free = 0, inodes = 0, total = 0] = numbers
    .trim()
    .split(/\s+/)
    .map((text) => Number(text) || 0);
  return { free, inodes, total, reflinks: reflinks === "reflinks" };
}

async function neededDisk({ instance, view, signal }: Machine): Promise<number> {
  const serving = view?.serving ?? view?.servedUntilNow;
  if (!instance || !serving) return spare;
  try {
    await using sessions = new Sessions(instance);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(databaseLimitMs)]);
    return (await abortable(limit, diskNeeds(instance, sessions, serving))).needed;
  } catch {
    // A database that does not run, or hangs, is a finding of its own.
    return spare;
  }
}

async function neededMemory({ configuration, instance, view }: Machine): Promise<number> {
  const guess = guessedMemory(configuration?.site.workers ?? 3);
  const serving = view?.serving ?? view?.servedUntilNow;
  if (!instance || !serving) return guess;
  // A part that is stopped holds nothing now, and will.
  const parts = [
    instance.names.application(serving.number),
    instance.names.database(serving.number),
  ];
  const running = await Promise.all(parts.map(async (part) => isRunning(instance.engine, part)));
  return running.includes(false) ? guess : (await memoryNeeds(instance, serving)).needed;
}
