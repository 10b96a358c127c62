import { readFile } from "node:fs/promises";
import type { Instance } from "../instance/instance.ts";
import type { Generation } from "../instance/state.ts";
import type { SettingsComparison, SourceComparison } from "../rehearsal/report/model.ts";
import { changedFiles } from "../source/changed-files.ts";
import { compareDependencies } from "../source/dependencies.ts";
import { notesBetween } from "../source/release-notes.ts";
import { compareSettings, exampleSettings } from "../source/settings-comparison.ts";
import type { Repository } from "../source/repository.ts";
import { compareVersions } from "../lib/version.ts";
import type { Release } from "../runner/context.ts";
import { readReleaseNotes } from "./release-notes.ts";

/** What a release changes, as far as the repositories tell. */
export async function compareSources(
  instance: Pick<Instance, "configuration">,
  release: Release,
  serving: Pick<Generation, "tag" | "commit" | "localCommit">,
  signal: AbortSignal,
): Promise<SourceComparison> {
  const { source } = release;
  const both = async (file: string) => {
    signal.throwIfAborted();
    return {
      file,
      before: await source.readFile(serving.commit, file),
      after: await source.readFile(release.commit, file),
    };
  };
  const [lock, project] = [await both("poetry.lock"), await both("pyproject.toml")];
  const notes = await readReleaseNotes(instance, source, release.commit);
  const tags = (await source.tags()).filter(
    ({ tag }) => compareVersions(tag, serving.tag) > 0 && compareVersions(tag, release.tag) <= 0,
  );
  return {
    tags: tags.map(({ tag, date }) => ({ tag, date: date.toISOString() })),
    notes: notesBetween(notes, serving.tag, release.tag),
    settings: await compareExamples(
      instance,
      source,
      { from: serving.commit, to: release.commit },
      signal,
    ),
    dependencies: compareDependencies(
      { lock: lock.before, project: project.before },
      { lock: lock.after, project: project.after },
    ),
    local: await compareLocal(release, serving.localCommit),
  };
}

/** What differs in BiomAid's example settings between two commits; of the site's own, names alone are looked at. */
export async function compareExamples(
  { configuration }: Pick<Instance, "configuration">,
  source: Repository,
  { from, to }: { readonly from: string; readonly to: string },
  signal: AbortSignal,
): Promise<SettingsComparison> {
  const files = [];
  for (const file of exampleSettings) {
    signal.throwIfAborted();
    files.push({
      file,
      before: await source.readFile(from, file),
      after: await source.readFile(to, file),
    });
  }
  return compareSettings(files, await readFile(configuration.site.settings, "utf8"));
}

async function compareLocal(
  { local }: Release,
  servingCommit: string,
): Promise<SourceComparison["local"]> {
  const [before, after] = [await local.files(servingCommit), await local.files(local.commit)];
  return {
    from: servingCommit,
    to: local.commit,
    ref: local.ref,
    changedFiles: before && after ? changedFiles(before, after) : null,
  };
}
