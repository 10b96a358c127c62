import { array, z } from "zod";
import { imageName, packageName, pythonVersion, table, type Immutable, version } from "./values.ts";
import { UpdaterError } from "../errors.ts";
import { compareVersions } from "../lib/version.ts";

/** An entry of `[[build.versions]]`. */
export const buildVersion = table({
  from: version.describe("First version of BiomAid the entry is for."),
  python: pythonVersion.describe("Python version, for example 3.11."),
  image: imageName
    .optional()
    .describe("Image with that Python to build on, instead of the updater's choice."),
  groups: array(packageName).default([]).describe("Dependency groups needed besides the main one."),
});

export type BuildSettings = Immutable<z.output<typeof buildVersion>>;

/** What each release of BiomAid is known to need; its own metadata doesn't say. */
export const builtIn: readonly BuildSettings[] = [
  { from: "0.12", python: "3.10", image: undefined, groups: ["dev"] },
  { from: "0.13", python: "3.10", image: undefined, groups: ["tests"] },
  { from: "0.14", python: "3.11", image: undefined, groups: ["tests"] },
  { from: "0.14.10", python: "3.11", image: undefined, groups: [] },
];

/** The site's settings laid over the built-in ones: an entry replaces the one of the same version. */
export function mergeBuildSettings(site: readonly BuildSettings[]): BuildSettings[] {
  const kept = builtIn.filter(
    ({ from }) => !site.some((entry) => compareVersions(entry.from, from) === 0),
  );
  return [...kept, ...site].sort((one, other) => compareVersions(one.from, other.from));
}

/** The settings of the highest version that isn't above the given one. */
export function buildSettingsOf(
  {
    file,
    build,
  }: { readonly file: string; readonly build: { readonly versions: readonly BuildSettings[] } },
  version: string,
): BuildSettings {
  const settings = build.versions.findLast(({ from }) => compareVersions(from, version) <= 0);
  if (settings !== undefined) return settings;
  const first = build.versions[0]?.from ?? "";
  throw new UpdaterError("buildSettingsMissing", { version, first, file });
}
