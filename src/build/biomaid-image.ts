import type { Readable } from "node:stream";
import type { Engine } from "../engine/connect.ts";
import { imageId, imageLabels } from "../engine/images.ts";
import { label } from "../engine/labels.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import type { Reporter } from "../instance/events.ts";
import { runBuild } from "./run-build.ts";
import { contextOf, hashOf, projectFiles } from "./build-context.ts";
import { type BuildEnvironment, caBundleOf } from "./own-images.ts";

export interface BiomaidSource {
  readonly tag: string;
  readonly commit: string;
  archive(): Promise<Readable>;
}

export interface BiomaidBuild {
  readonly pythonImage: string;
  readonly groups: readonly string[];
  readonly extras: readonly string[];
}

/**
 * The tag in the engine of BiomAid's image at a tag, from everything it is made of.
 * @throws UpdaterError `baseImageMissing`
 */
export async function biomaidImage(
  engine: Engine,
  instance: string,
  source: Pick<BiomaidSource, "tag" | "commit">,
  build: BiomaidBuild,
): Promise<{ tag: string; inputs: string; built: boolean }> {
  if ((await imageLabels(engine, build.pythonImage)) === undefined) {
    throw new UpdaterError("baseImageMissing", { image: build.pythonImage });
  }
  const inputs = await hashOf(
    await recipe(),
    source.commit,
    await imageId(engine, build.pythonImage),
    build.groups.join(","),
    build.extras.join(","),
  );
  const tag = `biomaid-${instance}:${source.tag}-${inputs}`;
  return { tag, inputs, built: (await imageLabels(engine, tag)) !== undefined };
}

const recipe = async () => await projectFiles("images/biomaid", ["*"]);

/**
 * The image of BiomAid at a tag, built when there is none from the same commit and recipe.
 * @returns its tag in the engine
 * @throws UpdaterError `baseImageMissing`, `releaseDoesNotBuild`
 */
export async function ensureBiomaidImage(
  engine: Engine,
  instance: string,
  source: BiomaidSource,
  build: BiomaidBuild,
  environment: BuildEnvironment,
  { reporter, signal }: { reporter: Reporter; signal: AbortSignal },
): Promise<string> {
  const { tag, inputs, built } = await biomaidImage(engine, instance, source, build);
  if (built) return tag;
  try {
    await runBuild(
      engine,
      contextOf(await recipe(), {
        caBundle: await caBundleOf(environment),
        source: await source.archive(),
      }),
      {
        tag,
        signal,
        labels: {
          [label.instance]: instance,
          [label.role]: "image",
          [label.tag]: source.tag,
          [label.inputs]: inputs,
        },
        arguments: {
          PYTHON_IMAGE: build.pythonImage,
          GROUPS: build.groups.join(","),
          EXTRAS: build.extras.join(" "),
          ...environment.proxies,
        },
      },
      reporter,
    );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UpdaterError) throw error;
    throw new UpdaterError(
      "releaseDoesNotBuild",
      { tag: source.tag, reason: messageOf(error) },
      error,
    );
  }
  return tag;
}
