import { readFile } from "node:fs/promises";
import type { Engine } from "../engine/connect.ts";
import { ownImage } from "../engine/own-container.ts";
import { imageId, imageLabels, listImages, removeUnusedImage } from "../engine/images.ts";
import { label } from "../engine/labels.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import type { Reporter } from "../instance/events.ts";
import { runBuild } from "./run-build.ts";
import { contextOf, hashOf, type ProjectFiles, projectFiles, root } from "./build-context.ts";

export const baseImage = "biomaid-updater/base:12";

type OwnProgram = "proxy" | "database" | "updater" | "snapshots";

/** Bundles of certificates where Debian and its relatives keep them. */
const systemBundle = "/etc/ssl/certs/ca-certificates.crt";

export interface BuildEnvironment {
  /** Path of a CA bundle; this machine's own when absent. */
  readonly caBundle: string | undefined;
  /** HTTP_PROXY and its like: predefined build arguments, which BuildKit keeps out of the history. */
  readonly proxies: Readonly<Record<string, string>>;
}

/** The certificates a build trusts (PEM). */
export async function caBundleOf({ caBundle }: BuildEnvironment): Promise<Buffer> {
  return await readFile(caBundle ?? systemBundle);
}

/**
 * The image of one of the updater's own programs, built when its sources have no image yet.
 * @returns its tag, which names the sources it was built from
 * @throws UpdaterError `baseImageMissing`, `buildFailed`
 */
export async function ensureOwnImage(
  engine: Engine,
  program: OwnProgram,
  environment: BuildEnvironment,
  reporter: Reporter,
): Promise<string> {
  if ((await imageLabels(engine, baseImage)) === undefined) {
    throw new UpdaterError("baseImageMissing", { image: baseImage });
  }
  const files = await sourcesOf(program);
  const inputs = await hashOf(files, await imageId(engine, baseImage));
  const tag = `biomaid-updater/${program}:${inputs}`;
  if ((await imageLabels(engine, tag)) !== undefined) return tag;
  try {
    await runBuild(
      engine,
      contextOf(files, { caBundle: await caBundleOf(environment) }),
      {
        tag,
        labels: { ...labelsOf(program), [label.inputs]: inputs },
        arguments: { BASE: baseImage, ...environment.proxies },
      },
      reporter,
    );
  } catch (error) {
    if (error instanceof UpdaterError) throw error;
    throw new UpdaterError("buildFailed", { image: program, reason: messageOf(error) }, error);
  }
  await removeOlder(engine, program, tag);
  return tag;
}

/**
 * The image of gates: the one this program runs from, where it runs in a container of the updater's, or as
 * `ensureOwnImage`.
 * @returns its tag or id
 */
export async function updaterImage(
  engine: Engine,
  environment: BuildEnvironment,
  reporter: Reporter,
): Promise<string> {
  // Only in the updater's image is it there, whatever container a checkout may be mounted into.
  const own = root === "/app" ? await ownImage(engine) : undefined;
  const isOurs = own && (await imageLabels(engine, own))?.[label.role] === "image";
  return isOurs ? own : await ensureOwnImage(engine, "updater", environment, reporter);
}

const labelsOf = (program: string) => ({ [label.role]: "image", [label.program]: program });

/** Another instance's operation may be about to use an image that no container uses yet. */
const youngestMs = 3_600_000;

/** Images of the same program from sources of an earlier updater go, unless a container needs them. */
async function removeOlder(engine: Engine, program: string, current: string): Promise<void> {
  for (const { tags, createdAt } of await listImages(engine, labelsOf(program))) {
    if (Date.now() - createdAt < youngestMs) continue;
    for (const tag of tags) if (tag !== current) await removeUnusedImage(engine, tag);
  }
}

async function sourcesOf(program: OwnProgram): Promise<ProjectFiles> {
  if (program !== "updater") return await projectFiles(`images/${program}`);
  return await projectFiles("", [
    "Dockerfile",
    "package.json",
    "package-lock.json",
    "bin/*",
    "src/**",
    "images/**",
  ]);
}
