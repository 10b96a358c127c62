import { realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { UpdaterError } from "../errors.ts";
import { json } from "../lib/json.ts";
import { type Control, replaceFile } from "./instance-lock.ts";
import type { Instance } from "./instance.ts";
import { paths } from "./names.ts";
import { readControlFile } from "./read-instance.ts";

const file = "site.json";

const siteFolder = z.object({
  path: z.string(),
  /** Decimal; a folder that is moved, or mounted elsewhere, keeps it. */
  inode: z.string(),
});

/** The folder of a site's `updater.toml`. */
type SiteFolder = z.infer<typeof siteFolder>;

/** From where an instance was last operated; nothing where an earlier version of the updater did not write it down. */
export async function knownFolder({
  shell,
}: Pick<Control, "shell">): Promise<SiteFolder | undefined> {
  return folderIn(await shell.run('cat "$1" 2>/dev/null || true', `${paths.control}/${file}`));
}

/** The same for who has no lock. */
export async function readFolder({
  engine,
  name,
}: Pick<Instance, "engine" | "name">): Promise<SiteFolder | undefined> {
  return folderIn((await readControlFile(engine, name, file)) ?? "");
}

/** Writes down that an instance is operated from here. */
export async function keepFolder(
  instance: Pick<Instance, "configuration">,
  { shell }: Pick<Control, "shell">,
): Promise<SiteFolder> {
  const folder = siteFolderOf(instance);
  await replaceFile(shell, file, folder, { durable: true });
  return folder;
}

/**
 * An instance belongs to the folder from which it is operated. In a copy of it that has kept the name, an operation would
 * put the copy's releases and settings in front of production's users.
 * @throws UpdaterError `otherFolder`
 */
export function refuseOtherFolder(
  instance: Pick<Instance, "name" | "configuration">,
  known: SiteFolder | undefined,
): void {
  if (!known) return;
  const here = siteFolderOf(instance);
  // One brought back from a backup has its old path; one that was moved, or is mounted elsewhere, its old inode.
  if (here.path === known.path || here.inode === known.inode) return;
  throw new UpdaterError("otherFolder", {
    instance: instance.name,
    here: here.path,
    known: known.path,
  });
}

function siteFolderOf({ configuration }: Pick<Instance, "configuration">): SiteFolder {
  const folder = dirname(configuration.file);
  try {
    const path = realpathSync(folder);
    return { path, inode: String(statSync(path, { bigint: true }).ino) };
  } catch {
    // The folder is away, as after a reboot: what was begun from it is ended all the same.
    return { path: folder, inode: "" };
  }
}

function folderIn(text: string): SiteFolder | undefined {
  return json(siteFolder).safeParse(text).data;
}
