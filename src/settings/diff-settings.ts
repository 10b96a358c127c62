import type { SettingsComparison } from "../source/settings-comparison.ts";
import type { Instance } from "../instance/instance.ts";
import { readInstance } from "../instance/read-instance.ts";
import { reportStep } from "../instance/events.ts";
import { compareExamples } from "../release/compare-sources.ts";
import { openSource } from "../release/release.ts";
import { ownGeneration } from "../instance/serving.ts";

export interface SettingsDiff extends SettingsComparison {
  readonly from: string;
  readonly to: string;
}

/** What differs in the example settings of the serving version and of another, beside the site's own names. */
export async function diffSettings(
  instance: Instance,
  tag: string,
  signal: AbortSignal,
): Promise<SettingsDiff> {
  const { engine, name, reporter } = instance;
  const serving = ownGeneration(await readInstance(engine, name));
  return await reportStep(reporter, "compare-sources", async () => {
    const source = await openSource(instance, signal);
    const commits = { from: serving.commit, to: await source.resolve(tag) };
    const compared = await compareExamples(instance, source, commits, signal);
    return { from: serving.tag, to: tag, ...compared };
  });
}
