import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Configuration } from "../config/configuration.ts";
import type { Instance } from "../instance/instance.ts";
import { reportStep } from "../reporter.ts";
import { UpdaterError } from "../errors.ts";
import { localSettingsOf } from "../source/local-settings.ts";
import { openRepository, type Repository } from "../source/repository.ts";
import type { Release } from "./context.ts";

/** Where mirrors of the repositories are kept between commands; it can be deleted at any time. */
async function cacheDirectory(): Promise<string> {
  const base = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const directory = join(base, "biomaid-updater");
  await mkdir(directory, { recursive: true });
  return directory;
}

/** BiomAid's repository, brought up to date. */
export async function openSource(
  configuration: Configuration,
  signal: AbortSignal,
): Promise<Repository> {
  return await openRepository(configuration.source.repository, await cacheDirectory(), { signal });
}

/**
 * BiomAid at a tag and the local settings that go with it.
 * @throws UpdaterError when the tag, a repository or the local ref is not there
 */
export async function findRelease(
  { configuration, reporter }: Instance,
  tag: string,
  signal: AbortSignal,
): Promise<Release> {
  return await reportStep(reporter, "find-release", async () =>
    readRelease(configuration, tag, signal),
  );
}

async function readRelease(
  configuration: Configuration,
  tag: string,
  signal: AbortSignal,
): Promise<Release> {
  const source = await openSource(configuration, signal);
  const commit = await source.resolve(tag);
  const { allowedSigners } = configuration.source;
  if (allowedSigners !== undefined) await source.verifyTag(tag, allowedSigners);
  if ((await source.readFile(commit, "manage.py")) === undefined) {
    throw new UpdaterError("notBiomaid", { tag, repository: source.location });
  }
  const local = await localSettingsOf(configuration.local, tag, source, await cacheDirectory(), {
    signal,
  });
  return { tag, commit, source, archive: () => source.archive(commit), local };
}
