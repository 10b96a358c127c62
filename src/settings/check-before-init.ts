import { buildEnvironmentOf } from "../build/build-environment.ts";
import { ensureOwnImage } from "../build/own-images.ts";
import { isError } from "../errors.ts";
import { reportStep } from "../instance/events.ts";
import type { Instance } from "../instance/instance.ts";
import { refuseNameConflicts } from "../instance/name-conflicts.ts";
import { rehearsalNumber } from "../instance/names.ts";
import { removeRehearsalParts } from "../rehearsal/rehearsal.ts";
import { findRelease, newestTag } from "../release/release.ts";
import { Outputs } from "../runner/outputs.ts";
import { buildReleaseImage } from "../steps/build-image.ts";
import { type SettingsCheck, type SettingsFiles, withFiles } from "./check-settings.ts";
import { loadSettings } from "./load-settings.ts";

/**
 * Loads the settings of a site that is not there yet, with the version that it is to begin with. Nothing of it is left but
 * that version's image.
 * @param tag the newest version when absent
 * @throws UpdaterError when it could not be tried
 */
export async function checkBeforeInit(
  site: Instance,
  files: SettingsFiles,
  tag: string | undefined,
  signal: AbortSignal,
): Promise<SettingsCheck> {
  const instance = await withFiles(site, files);
  const { engine, configuration, reporter } = instance;
  await refuseNameConflicts(instance, rehearsalNumber);
  const release = await findRelease(instance, tag ?? (await newestTag(instance, signal)), signal);
  const environment = await buildEnvironmentOf(configuration);
  const databaseImage = await reportStep(reporter, "build-own-images", async () =>
    ensureOwnImage(engine, "database", environment, reporter),
  );
  const candidate = { number: rehearsalNumber, slot: rehearsalNumber, databaseImage };
  const context = { instance, release, candidate, outputs: new Outputs() };
  // What one that was killed has left is in the way.
  await removeRehearsalParts(instance);
  try {
    for (const step of [buildReleaseImage, loadSettings]) {
      await reportStep(reporter, step.name, async () => step.apply(context, signal));
    }
    return told(instance, release.tag, undefined);
  } catch (error) {
    if (!isError(error, "settingsFail")) throw error;
    return told(instance, release.tag, error);
  } finally {
    await removeRehearsalParts(instance);
  }
}

function told(
  { configuration: { site } }: Instance,
  tag: string,
  fault: SettingsCheck["fault"],
): SettingsCheck {
  const { settings, instanceConfig = null } = site;
  return { tag, settings, instanceConfig, fault, names: null, changed: null };
}
