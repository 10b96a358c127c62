import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { readTree } from "../engine/files.ts";
import type { Instance } from "../instance/instance.ts";
import { paths } from "../instance/names.ts";
import type { Generation } from "../instance/state.ts";
import { reportStep } from "../instance/events.ts";
import { telling } from "../instance/waiting.ts";
import { UpdaterError } from "../errors.ts";
import { type LocalSettings, localSettingsOf } from "../source/local-settings.ts";
import { openRepository, type Repository } from "../source/repository.ts";
import type { Target } from "./target.ts";

/** What a generation is made of: BiomAid at a commit, and local settings. */
export interface ReleaseSource {
  readonly tag: string;
  readonly commit: string;
  /** The image it has already; one is built where there is none. */
  readonly image?: string;
  archive(): Promise<Readable>;
  readonly local: Pick<LocalSettings, "commit" | "archive">;
}

/** BiomAid at a tag, with the site's local settings that go with it. */
export interface Release extends ReleaseSource {
  /** BiomAid's repository, to compare with the serving version. */
  readonly source: Repository;
  readonly local: LocalSettings;
}

/** Where mirrors of the repositories are kept between commands; it can be deleted at any time. */
async function cacheDirectory(): Promise<string> {
  const base = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const directory = join(base, "biomaid-updater");
  await mkdir(directory, { recursive: true });
  return directory;
}

/** BiomAid's repository, brought up to date. */
export async function openSource(
  { configuration, reporter }: Pick<Instance, "configuration" | "reporter">,
  signal: AbortSignal,
): Promise<Repository> {
  const options = { signal, tell: telling(reporter) };
  return await openRepository(configuration.source.repository, await cacheDirectory(), options);
}

/**
 * The newest version there is.
 * @throws UpdaterError `noVersions`
 */
export async function newestTag(
  instance: Pick<Instance, "configuration" | "reporter">,
  signal: AbortSignal,
): Promise<string> {
  const newest = (await (await openSource(instance, signal)).tags()).at(-1);
  if (newest) return newest.tag;
  const { repository } = instance.configuration.source;
  throw new UpdaterError("noVersions", { repository });
}

/**
 * BiomAid at a tag and the local settings that go with it.
 * @throws UpdaterError when the tag, a repository or the local ref is not there
 */
export async function findRelease(
  instance: Instance,
  tag: string,
  signal: AbortSignal,
): Promise<Release> {
  return await reportStep(instance.reporter, "find-release", async () =>
    readRelease(instance, { tag, local: undefined }, signal),
  );
}

/** As `findRelease`, for whatever may be asked for beside what is serving. */
export async function findTarget(
  instance: Instance,
  target: Target,
  serving: Generation,
  signal: AbortSignal,
): Promise<Release> {
  return await reportStep(instance.reporter, "find-release", async () =>
    target.kind === "tag"
      ? readRelease(instance, target, signal)
      : target.kind === "move"
        ? readRelease(instance, { tag: serving.tag, local: undefined }, signal)
        : readServing(instance, target, serving, signal),
  );
}

async function readRelease(
  instance: Instance,
  { tag, local: ref }: Omit<Extract<Target, { kind: "tag" }>, "kind">,
  signal: AbortSignal,
): Promise<Release> {
  const { configuration, reporter } = instance;
  const source = await openSource(instance, signal);
  const commit = await source.resolve(tag);
  const { allowedSigners } = configuration.source;
  if (allowedSigners !== undefined) await source.verifyTag(tag, commit, allowedSigners);
  if ((await source.readFile(commit, "manage.py")) === undefined) {
    throw new UpdaterError("notBiomaid", { tag, repository: source.location });
  }
  const cache = await cacheDirectory();
  const options = { signal, ref, tell: telling(reporter) };
  const local = await localSettingsOf(configuration.local, { tag, commit }, source, cache, options);
  return { tag, commit, source, archive: () => source.archive(commit), local };
}

async function readServing(
  instance: Instance,
  target: Exclude<Target, { kind: "tag" | "move" }>,
  serving: Generation,
  signal: AbortSignal,
): Promise<Release> {
  const { local: rule } = instance.configuration;
  if (target.kind === "local-only" && rule.kind === "folder") {
    throw new UpdaterError("localIsAFolder", { folder: rule.folder });
  }
  const source = await openSource(instance, signal);
  const same = servingAgain(instance, serving, signal);
  if (target.kind === "local-only") {
    const cache = await cacheDirectory();
    const options = { signal, ref: target.local, tell: telling(instance.reporter) };
    return {
      ...same,
      source,
      local: await localSettingsOf(rule, same, source, cache, options),
    };
  }
  const { commit } = same.local;
  const files = () => Promise.resolve(new Map<string, string>());
  const local = { ...same.local, repository: "", ref: commit.slice(0, 10), files };
  return { ...same, source, local };
}

/** What is serving, with the local settings it has, whatever has become of the repositories. */
export function servingAgain(
  instance: Instance,
  { tag, commit, image, localCommit, number }: Generation,
  signal: AbortSignal,
): ReleaseSource {
  const { engine, names } = instance;
  const folder = `${paths.configuration}/local`;
  return {
    tag,
    commit,
    image,
    archive: async () => await (await openSource(instance, signal)).archive(commit),
    local: {
      commit: localCommit,
      archive: async () => await readTree(engine, names.application(number), folder),
    },
  };
}
