import { mkdir, readdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { UpdaterError } from "../errors.ts";
import type { Catalogue } from "../text/catalogue.ts";
import { readAs } from "../move-in/as-user.ts";
import { configurationOf } from "./configuration.ts";
import type { Inspection } from "./inspection.ts";

/**
 * Refuses a folder that cannot be the new one of a site, before anything is looked at.
 * @returns its path
 * @throws UpdaterError `adoptFolderThere`, `adoptFolderUnwritable`
 */
export async function newFolder(folder: string): Promise<string> {
  const path = resolve(folder);
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new UpdaterError("adoptFolderUnwritable", { folder: path }, error);
  });
  if (names.length > 0) throw new UpdaterError("adoptFolderThere", { folder: path });
  return path;
}

/**
 * Refuses a folder where the site could put a link in the way of what root writes.
 * @throws UpdaterError `adoptFolderInside`
 */
export async function refuseOwnFolder(
  { user, application }: Pick<Inspection, "user" | "application">,
  folder: string,
): Promise<void> {
  // What is not there yet is where its parent is.
  const place = await realpath(folder).catch(
    async () => await realpath(dirname(folder)).catch(() => dirname(folder)),
  );
  for (const own of [user.home, application.sources]) {
    if (own !== "/" && `${place}/`.startsWith(`${own}/`)) {
      throw new UpdaterError("adoptFolderInside", { folder });
    }
  }
}

/**
 * Writes an updater.toml and copies of the site's settings into a folder that nobody else reads.
 * @throws UpdaterError `adoptFolderInside`, `adoptFolderUnwritable`
 */
export async function writeConfiguration(
  found: Inspection,
  folder: string,
  catalogue: Catalogue,
  signal: AbortSignal,
): Promise<void> {
  const { user, application } = found;
  await refuseOwnFolder(found, folder);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw new UpdaterError("adoptFolderUnwritable", { folder }, error);
  });
  const write = async (name: string, text: string) =>
    await writeFile(join(folder, name), text, { mode: 0o600, flag: "wx" });
  await write("updater.toml", configurationOf(found, catalogue));
  for (const name of ["instance_settings.py", "instance_config.toml"]) {
    const text = await readAs(user, join(application.sources, name), signal);
    if (text !== undefined) await write(name, `${text}\n`);
  }
}
