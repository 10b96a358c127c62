import { existsSync } from "node:fs";
import { mkdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { clientOf, connectEngine, type Engine, isConflict } from "../../src/engine/connect.ts";
import { listImages, removeUnusedImage } from "../../src/engine/images.ts";
import { label } from "../../src/engine/labels.ts";
import { buildMiniature, tags } from "../support/miniature.ts";
import { surroundings } from "../support/surroundings.ts";

const instance = "demo";

const root = join(import.meta.dirname, "../..");
/** Everything the demonstration keeps on the file system. */
const folder = join(root, ".cache/demo");
const ownImages = join(folder, "own-images.json");
/** What the set-up brought stays: the tests use it too. */
const broughtBySetup = ["biomaid-updater/base:", "biomaid-updater/python:"];

const firstPort = 8080;

export const paths = {
  configuration: join(folder, "updater.toml"),
  dump: join(folder, "tests_db.json"),
  updater: join(root, "bin/updater"),
};

/** The mirrors of the repositories go with the rest. */
export const environment = { XDG_CACHE_HOME: join(folder, "cache") };

/** Writes the demonstration's site: repositories, a dump, and the configuration. */
export async function setStage(): Promise<{ origin: string }> {
  await mkdir(folder, { recursive: true });
  await rememberOwnImages();
  const port = await freePort(firstPort);
  await writeSite(port);
  return { origin: `http://localhost:${port}` };
}

/** Deletes the instance and everything in it; false when there was none. */
export async function clearInstance(): Promise<boolean> {
  const engine = await connectEngine();
  const filters = { label: [`${label.instance}=${instance}`] };
  const [containers, { Volumes }] = await Promise.all([
    clientOf(engine).listContainers({ all: true, filters }),
    clientOf(engine).listVolumes({ filters }),
  ]);
  if (containers.length === 0 && (Volumes ?? []).length === 0) return false;
  if (!existsSync(paths.configuration)) await writeSite(firstPort);
  await execa(paths.updater, ["--config", paths.configuration, "destroy", "--yes", instance], {
    env: environment,
  });
  return true;
}

/** Deletes the instance, the images the demonstration had built, and its folder. */
export async function strikeStage(): Promise<void> {
  await clearInstance();
  const engine = await connectEngine();
  const kept = existsSync(ownImages) ? await rememberedImages() : undefined;
  for (const image of kept ? await imagesOf(engine) : []) {
    if (!kept?.includes(image)) await removeUnlessUsed(engine, image);
  }
  await rm(folder, { recursive: true, force: true });
  // Somebody else may keep something there.
  await rmdir(dirname(folder)).catch(() => undefined);
}

async function writeSite(port: number): Promise<void> {
  const repositories = await buildMiniature(join(folder, "miniature"));
  const show = ["-C", repositories.biomaid, "show", `${tags.first}:fixtures/tests_db.json`];
  await writeFile(paths.dump, (await execa("git", show)).stdout);
  await writeFile(
    paths.configuration,
    `instance = "${instance}"

[source]
repository = "${repositories.biomaid}"

[local]
repository = "${repositories.local}"
ref = "same-tag"

[site]
settings = "${repositories.settings}"
host_names = ["localhost"]

[listen]
address = "127.0.0.1"
port = ${port}

[probation]
duration = "3s"
interval = "1s"

[build]
extras = []
${await surroundings(folder)}
[[build.versions]]
from = "0.8"
python = "3.11"
groups = []
`,
  );
}

/** Once: a second demonstration must not take what the first had built for somebody else's. */
async function rememberOwnImages(): Promise<void> {
  if (existsSync(ownImages)) return;
  await writeFile(ownImages, JSON.stringify(await imagesOf(await connectEngine())));
}

async function rememberedImages(): Promise<string[]> {
  return JSON.parse(await readFile(ownImages, "utf8")) as string[];
}

/** The updater's own programs, by tag. */
async function imagesOf(engine: Engine): Promise<string[]> {
  const images = await listImages(engine, { [label.role]: "image" });
  return images
    .flatMap(({ tags }) => tags)
    .filter((tag) => tag.startsWith("biomaid-updater/"))
    .filter((tag) => !broughtBySetup.some((start) => tag.startsWith(start)));
}

async function removeUnlessUsed(engine: Engine, image: string): Promise<void> {
  try {
    await removeUnusedImage(engine, image);
  } catch (error) {
    // Another instance runs on it.
    if (!isConflict(error)) throw error;
  }
}

async function freePort(from: number): Promise<number> {
  for (let port = from; ; port++) {
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    await new Promise((resolve) => server.close(resolve));
    if (free) return port;
  }
}
