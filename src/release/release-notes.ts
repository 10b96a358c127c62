import type { Instance } from "../instance/instance.ts";
import { latestNotes, type ReleaseNotes } from "../source/release-notes.ts";
import type { Repository } from "../source/repository.ts";

/** Where BiomAid goes on. */
const branches = ["main", "master"];

/**
 * The notes of all versions that NEWS.md of a release has, and later ones: a release's notes are often added after its
 * own tag. Where only what was signed counts they are the release's own: the later ones are not signed.
 */
export async function readReleaseNotes(
  { configuration }: Pick<Instance, "configuration">,
  source: Repository,
  commit: string,
): Promise<ReleaseNotes[]> {
  const later =
    configuration.source.allowedSigners === undefined
      ? [
          (await source.tags()).at(-1)?.commit,
          ...(await Promise.all(branches.map(async (name) => await source.findBranch(name)))),
        ]
      : [];
  const commits = [commit, ...later.filter((one) => one !== undefined)];
  const files = await Promise.all(
    commits.map(async (one) => await source.readFile(one, "NEWS.md")),
  );
  return latestNotes(files.filter((file) => file !== undefined));
}
