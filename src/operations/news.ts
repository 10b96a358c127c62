import type { Instance } from "../instance/instance.ts";
import type { State } from "../instance/state.ts";
import { composeNews, type News } from "../messages/news.ts";
import { latestNotes, notesBetween, type ReleaseNotes } from "../source/release-notes.ts";
import type { Repository } from "../source/repository.ts";
import { compareVersions } from "../source/versions.ts";

/** Where BiomAid goes on. */
const branches = ["main", "master"];

/**
 * What is new in a version, as users are to be shown it; undefined when NEWS.md says nothing of it.
 * @param from the version they had before; undefined for nothing but the notes of the version itself
 */
export async function newsOf(
  { configuration }: Pick<Instance, "configuration">,
  source: Repository,
  release: { readonly tag: string; readonly commit: string },
  from: string | undefined,
): Promise<News | undefined> {
  const { whatsNew, background, foreground } = configuration.messages;
  const trusted = configuration.source.allowedSigners !== undefined;
  const all = latestNotes(await newsFiles(source, release.commit, { trusted }));
  const notes = between(all, from, release.tag);
  if (notes.length === 0) return undefined;
  const { roles, box, page } = whatsNew;
  return await composeNews({
    version: release.tag,
    notes,
    roles,
    background,
    foreground,
    box,
    page,
  });
}

/**
 * NEWS.md of the release, and later ones: a release's notes are often added after its own tag.
 * @param trusted whether only what was signed may be shown: nobody has looked at the later ones
 */
async function newsFiles(
  source: Repository,
  commit: string,
  { trusted }: { readonly trusted: boolean },
): Promise<string[]> {
  const later = trusted
    ? []
    : [
        (await source.tags()).at(-1)?.commit,
        ...(await Promise.all(branches.map(async (name) => await source.findBranch(name)))),
      ];
  const commits = [commit, ...later.filter((one) => one !== undefined)];
  const files = await Promise.all(
    commits.map(async (one) => await source.readFile(one, "NEWS.md")),
  );
  return files.filter((file) => file !== undefined);
}

function between(notes: readonly ReleaseNotes[], from: string | undefined, to: string) {
  if (from !== undefined) return notesBetween(notes, from, to);
  return notes.filter(({ version }) => compareVersions(version, to) === 0);
}

/** The version users had before the one that serves, as far as the history goes back. */
export function versionBefore({ history }: Pick<State, "history">, tag: string) {
  const came = history.findLast(
    ({ operation, from, to, outcome }) =>
      operation === "swap" &&
      to === tag &&
      from !== tag &&
      ["done", "clean-up-pending"].includes(outcome),
  );
  return came?.from ?? undefined;
}
