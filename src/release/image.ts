import type { Engine } from "../engine/connect.ts";
import { imageLabels } from "../engine/images.ts";
import { buildSettingsOf } from "../config/build-settings.ts";
import { type BiomaidBuild, biomaidImage, ensureBiomaidImage } from "../build/biomaid-image.ts";
import { buildEnvironmentOf, pythonImageOf } from "../build/build-environment.ts";
import type { Configuration } from "../config/configuration.ts";
import type { Instance } from "../instance/instance.ts";
import type { ReleaseSource } from "./release.ts";

/** The image of a release as the site's configuration wants it built; returns its tag in the engine. */
export async function buildRelease(
  { configuration, engine, name, reporter }: Instance,
  release: ReleaseSource,
  signal: AbortSignal,
): Promise<string> {
  const made = await imageMade(engine, release);
  if (made !== undefined) return made;
  return await ensureBiomaidImage(
    engine,
    name,
    release,
    biomaidBuildOf(configuration, release.tag),
    await buildEnvironmentOf(configuration),
    { reporter, signal },
  );
}

/** Which image a release has, or would get. */
export async function imageOf(
  { configuration, engine, name }: Instance,
  release: ReleaseSource,
): Promise<{ tag: string; built: boolean }> {
  const made = await imageMade(engine, release);
  if (made !== undefined) return { tag: made, built: true };
  const build = biomaidBuildOf(configuration, release.tag);
  const { tag, built } = await biomaidImage(engine, name, release, build);
  return { tag, built };
}

/** The image a release has already, unless it was removed. */
async function imageMade(engine: Engine, { image }: ReleaseSource): Promise<string | undefined> {
  const there = image !== undefined && (await imageLabels(engine, image)) !== undefined;
  return there ? image : undefined;
}

function biomaidBuildOf(configuration: Configuration, tag: string): BiomaidBuild {
  const build = buildSettingsOf(configuration, tag);
  return {
    pythonImage: pythonImageOf(build),
    groups: build.groups,
    extras: configuration.build.extras,
  };
}
