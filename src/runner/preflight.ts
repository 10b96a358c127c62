import { isError, UpdaterError } from "../errors.ts";
import { execute } from "../engine/exec.ts";
import { type Engine, isEngineError } from "../engine/connect.ts";
import { memoryOf } from "../engine/container-output.ts";
import { isRunning } from "../engine/containers.ts";
import type { Probed } from "../instance/application-answers.ts";
import { ApplicationError } from "../instance/application.ts";
import type { Instance } from "../instance/instance.ts";
import { paths } from "../instance/names.ts";
import { changedSiteFiles } from "../instance/site-files.ts";
import type { Generation } from "../instance/state.ts";
import { clusterSize } from "../postgres/replication.ts";
import { compareVersions } from "../lib/version.ts";
import type { ReleaseSource } from "../release/release.ts";
import type { Sessions } from "./sessions.ts";
import { scriptBeside, shellCommand } from "../lib/script.ts";

const countInodes = scriptBeside(import.meta.url, "count-inodes.sh");

/** What a swap needs, and what there is. */
export interface Needs {
  readonly disk: { readonly needed: number; readonly free: number };
  readonly memory: { readonly needed: number; readonly free: number };
}

/** Room for the candidate's image, its log files and what users write meanwhile, bytes. */
export const spare = 2_000_000_000;

/** @throws UpdaterError `alreadyServing` when neither the release, its local settings nor the site's settings are new */
export async function refuseServing(
  instance: Instance,
  release: ReleaseSource,
  serving: Generation,
): Promise<void> {
  if (release.commit !== serving.commit || release.local.commit !== serving.localCommit) return;
  if (((await changedSiteFiles(instance, serving.number)) ?? []).length > 0) return;
  throw new UpdaterError("alreadyServing", { tag: release.tag });
}

/** @throws UpdaterError `olderThanServing` */
export function refuseOlder(release: ReleaseSource, serving: Generation): void {
  if (compareVersions(release.tag, serving.tag) < 0) {
    throw new UpdaterError("olderThanServing", { tag: release.tag, serving: serving.tag });
  }
}

/** @throws UpdaterError `servingStopped` */
export async function refuseStopped(
  { engine, names }: Instance,
  serving: Generation,
): Promise<void> {
  for (const container of [
    names.proxy,
    names.database(serving.number),
    names.application(serving.number),
  ]) {
    if (!(await isRunning(engine, container))) {
      throw new UpdaterError("servingStopped", { container });
    }
  }
}

/** @throws UpdaterError `servingUnhealthy`; without a page where the application gave no sensible answer */
export async function refuseUnhealthyServing(
  sessions: Pick<Sessions, "application" | "closeGeneration">,
  serving: Generation,
  signal: AbortSignal,
): Promise<void> {
  const { number, tag } = serving;
  let pages: Probed["pages"];
  try {
    pages = await (await sessions.application(number)).ping(signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isApplicationsFault(error)) throw error;
    // What it says next would be an answer to this.
    await sessions.closeGeneration(number);
    throw new UpdaterError("servingUnhealthy", { tag, pages: [] }, error);
  }
  const failing = pages.filter(({ status }) => status !== 200);
  if (failing.length === 0) return;
  throw new UpdaterError("servingUnhealthy", {
    tag,
    pages: failing.map(({ page, status }) => ({ page, status, signedIn: false })),
  });
}

/**
 * Whether an application can have brought it about, which is not to decide whether it is replaced. The engine
 * refuses to start a program beside one that ends again and again; an engine that is gone is told by the next check.
 */
function isApplicationsFault(error: unknown): boolean {
  return (
    error instanceof ApplicationError ||
    isError(error, "applicationEnded", "applicationSilent") ||
    isEngineError(error)
  );
}

/** What a candidate has in files besides its database: static files and configuration. */
const spareInodes = 10_000;

/**
 * A clone, in sizes of the database it is made of; one whose rows are noted and compared besides; a dump, and the
 * copy it is checked in.
 */
const copies = { swap: 1.2, rehearse: 2, backup: 1.5, restore: 1.2 };

/** Bytes that an operation needs where the engine keeps volumes, and that are free there. */
export async function diskNeeds(
  { engine, names, configuration }: Instance,
  sessions: Sessions,
  serving: Generation,
  operation: keyof typeof copies = "swap",
): Promise<{ needed: number; free: number }> {
  const size = await clusterSize(await sessions.database(serving.number));
  const free = await freeBytes(engine, names.database(serving.number), paths.data);
  const besides = operation === "swap" && configuration.backup.beforeSwap ? copies.backup : 0;
  return { needed: Math.round(size * (copies[operation] + besides)) + spare, free };
}

/** Bytes that are free in the file system of a folder. */
export async function freeBytes(
  engine: Engine,
  container: string,
  folder: string,
): Promise<number> {
  const command = ["df", "--output=avail", "--block-size=1", folder];
  const { stdout } = await execute(engine, container, command);
  return Number(stdout.trim().split("\n").at(-1));
}

/** @throws UpdaterError `diskTooSmall`, `inodesTooFew` when the clone would not fit beside the serving database */
export async function refuseSmallDisk(
  instance: Instance,
  sessions: Sessions,
  serving: Generation,
  operation: keyof typeof copies = "swap",
): Promise<void> {
  const { needed, free } = await diskNeeds(instance, sessions, serving, operation);
  if (free < needed) throw new UpdaterError("diskTooSmall", { needed, free });
  const { engine, names } = instance;
  const count = shellCommand(countInodes, paths.data);
  const { stdout } = await execute(engine, names.database(serving.number), count, {
    user: "postgres",
  });
  const [files = 0, inodes = 0, all = 0] = stdout.trim().split(/\s+/).map(Number);
  const wanted = Math.round(files * copies[operation]) + spareInodes;
  // Some file systems make inodes as they are needed, and count none.
  if (all > 0 && inodes < wanted) {
    throw new UpdaterError("inodesTooFew", { needed: wanted, free: inodes });
  }
}

/** @throws UpdaterError `roomTooSmall`: there is nothing to override */
export async function refuseSmallRoom(
  instance: Instance,
  sessions: Sessions,
  serving: Generation,
  operation: "backup" | "restore",
): Promise<void> {
  const disk = await diskNeeds(instance, sessions, serving, operation);
  if (disk.free < disk.needed)
    throw new UpdaterError("roomTooSmall", { resource: "disk", ...disk });
  if (operation === "backup") return;
  const memory = await memoryNeeds(instance, serving);
  if (memory.free >= memory.needed) return;
  throw new UpdaterError("roomTooSmall", { resource: "memory", ...memory });
}

/** Bytes that a worker of BiomAid and its database need, where nothing runs that could be measured. */
const perWorker = 190_000_000;
const perDatabase = 300_000_000;

/** Bytes of memory that a generation needs, by the number of its workers alone. */
export const guessedMemory = (workers: number) => perDatabase + perWorker * workers;

/** Bytes that a candidate needs, by what the serving generation holds, and that are free. */
export async function memoryNeeds(
  { engine, names, configuration }: Instance,
  serving: Generation,
): Promise<{ needed: number; free: number }> {
  const database = names.database(serving.number);
  // Containers that only lead to a machine's gunicorn and PostgreSQL hold nothing of either.
  if (serving.bareMetal) {
    return {
      needed: guessedMemory(configuration.site.workers),
      free: await freeMemory(engine, database),
    };
  }
  const [application, cluster, free] = await Promise.all([
    memoryOf(engine, names.application(serving.number)),
    memoryOf(engine, database),
    freeMemory(engine, database),
  ]);
  return { needed: application + cluster, free };
}

/** Bytes of memory the machine of the engine could still give, as a container sees it. */
export async function freeMemory(engine: Engine, container: string): Promise<number> {
  const { stdout } = await execute(engine, container, ["cat", "/proc/meminfo"]);
  return Number(/^MemAvailable:\s+(\d+) kB/m.exec(stdout)?.[1] ?? 0) * 1024;
}

/** @throws UpdaterError `memoryTooSmall` when the candidate would not fit beside the serving generation */
export async function refuseSmallMemory(instance: Instance, serving: Generation): Promise<void> {
  const { needed, free } = await memoryNeeds(instance, serving);
  if (free < needed) throw new UpdaterError("memoryTooSmall", { needed, free });
}
