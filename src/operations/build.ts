import { buildSettingsOf } from "../config/build-settings.ts";
import { ensureBiomaidImage } from "../instance/biomaid-image.ts";
import { buildEnvironmentOf, pythonImageOf } from "../instance/build-environment.ts";
import type { Instance } from "../instance/instance.ts";
import type { Release } from "./context.ts";

/** The image of a release as the site's configuration wants it built; returns its tag in the engine. */
export async function buildRelease(
  { configuration, engine, name, reporter }: Instance,
  release: Release,
  signal: AbortSignal,
): Promise<string> {
  const build = buildSettingsOf(configuration, release.tag);
  return await ensureBiomaidImage(
    engine,
    name,
    release,
    {
      pythonImage: pythonImageOf(build),
      groups: build.groups,
      extras: configuration.build.extras,
    },
    await buildEnvironmentOf(configuration),
    { reporter, signal },
  );
}
