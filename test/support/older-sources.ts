import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { Site } from "./site.ts";
import { type Updater, updaterOf } from "./updater.ts";

const root = join(import.meta.dirname, "..", "..");

/** The last commit before the sources were rearranged. */
const commit = "7c3839da19de1557953652240bfa9d57c7addefa";

/** The sources of an updater that sites were made with earlier, in a folder of their own. */
export interface OlderSources {
  readonly folder: string;
  /** The updater that they are, with the configuration of a site. */
  updaterOf(site: Site): Updater;
  /** Puts the sources of today in their place, as when they are fetched into the same folder. */
  renew(): Promise<void>;
  remove(): Promise<void>;
}

/** Whether the history of this checkout reaches back to them; a shallow clone's does not. */
export async function olderSourcesAreThere(): Promise<boolean> {
  const found = ["-C", root, "cat-file", "-e", `${commit}^{commit}`];
  return (await execa("git", found, { reject: false })).exitCode === 0;
}

export async function takeOlderSources(): Promise<OlderSources> {
  const folder = await mkdtemp(join(tmpdir(), "biomaid-older-"));
  const remove = async () => await rm(folder, { recursive: true, force: true });
  try {
    const archive = execa("git", ["-C", root, "archive", commit], { buffer: false });
    await archive.pipe("tar", ["-x", "-C", folder]);
    if (await haveSameDependencies(folder)) await linkDependencies(folder);
    else await execa(process.execPath, ["scripts/setup.mjs", "--only=deps"], { cwd: folder });
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    folder,
    updaterOf: (site) =>
      updaterOf(join(site.folder, "updater.toml"), { program: join(folder, "bin/updater") }),
    async renew() {
      await rm(join(folder, "src"), { recursive: true });
      await symlink(join(root, "src"), join(folder, "src"));
    },
    remove,
  };
}

/** Whether everything the older sources import is here, in the very version they name. */
async function haveSameDependencies(folder: string): Promise<boolean> {
  const [wanted, installed] = await Promise.all([folder, root].map(dependenciesOf));
  return Object.entries(wanted ?? {}).every(([name, version]) => installed?.[name] === version);
}

async function dependenciesOf(folder: string): Promise<Record<string, string>> {
  const text = await readFile(join(folder, "package.json"), "utf8");
  return (JSON.parse(text) as { dependencies: Record<string, string> }).dependencies;
}

/** Each by itself: what the older sources are compiled to stays in a folder that goes with them. */
async function linkDependencies(folder: string): Promise<void> {
  const [from, to] = [root, folder].map((one) => join(one, "node_modules")) as [string, string];
  await mkdir(to);
  for (const name of await readdir(from)) {
    if (name !== ".cache") await symlink(join(from, name), join(to, name));
  }
}
