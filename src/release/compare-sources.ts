import { changedFiles, type FileChange } from "../source/changed-files.ts";
import { compareDependencies, type DependencyChange } from "../source/dependencies.ts";
import { readFile } from "node:fs/promises";
import type { Instance } from "../instance/instance.ts";
import type { Generation } from "../instance/state.ts";
import { notesBetween, type ReleaseNotes } from "../source/release-notes.ts";
import {
  compareSettings,
  exampleSettings,
  type SettingsComparison,
  type SettingsFile,
} from "../source/settings-comparison.ts";
import type { Repository } from "../source/repository.ts";
import { compareVersions } from "../lib/version.ts";
import type { Release } from "./release.ts";
import { readReleaseNotes } from "./release-notes.ts";

/** What can be known from the repositories alone. */
export interface SourceComparison {
  /** Tags after the serving one, up to the target, lowest first. */
  readonly tags: readonly { readonly tag: string; readonly date: string }[];
  /** Newest first. */
  readonly notes: readonly ReleaseNotes[];
  readonly settings: SettingsComparison;
  readonly dependencies: readonly DependencyChange[];
  readonly local: {
    readonly from: string;
    readonly to: string;
    readonly ref: string;
    /** Null when one of the two commits is not in the repository (any more). */
    readonly changedFiles: readonly { readonly file: string; readonly change: FileChange }[] | null;
  };
}

/** What a release changes, as far as the repositories tell. */
export async function compareSources(
  instance: Pick<Instance, "configuration">,
  release: Release,
  serving: Pick<Generation, "tag" | "commit" | "localCommit">,
  signal: AbortSignal,
): Promise<SourceComparison> {
  const { source } = release;
  const commits = { from: serving.commit, to: release.commit };
  const lock = await readBoth(source, "poetry.lock", commits, signal);
  const project = await readBoth(source, "pyproject.toml", commits, signal);
  const notes = await readReleaseNotes(instance, source, release.commit);
  const tags = (await source.tags()).filter(
    ({ tag }) => compareVersions(tag, serving.tag) > 0 && compareVersions(tag, release.tag) <= 0,
  );
  return {
    tags: tags.map(({ tag, date }) => ({ tag, date: date.toISOString() })),
    notes: notesBetween(notes, serving.tag, release.tag),
    settings: await compareExamples(instance, source, commits, signal),
    dependencies: compareDependencies(
      { lock: lock.before, project: project.before },
      { lock: lock.after, project: project.after },
    ),
    local: await compareLocal(release, serving.localCommit),
  };
}

interface Commits {
  readonly from: string;
  readonly to: string;
}

/** What differs in BiomAid's example settings between two commits; of the site's own, names alone are looked at. */
export async function compareExamples(
  { configuration }: Pick<Instance, "configuration">,
  source: Repository,
  commits: Commits,
  signal: AbortSignal,
): Promise<SettingsComparison> {
  const files = [];
  for (const file of exampleSettings) files.push(await readBoth(source, file, commits, signal));
  return compareSettings(files, await readFile(configuration.site.settings, "utf8"));
}

async function readBoth(
  source: Repository,
  file: string,
  { from, to }: Commits,
  signal: AbortSignal,
): Promise<SettingsFile> {
  signal.throwIfAborted();
  return {
    file,
    before: await source.readFile(from, file),
    after: await source.readFile(to, file),
  };
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
