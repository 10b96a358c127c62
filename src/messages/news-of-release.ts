import type { Instance } from "../instance/instance.ts";
import type { State } from "../instance/state.ts";
import { composeNews, type News } from "./news.ts";
import { notesBetween, type ReleaseNotes } from "../source/release-notes.ts";
import type { Repository } from "../source/repository.ts";
import { compareVersions } from "../lib/version.ts";
import { readReleaseNotes } from "../release/release-notes.ts";

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
  const all = await readReleaseNotes({ configuration }, source, release.commit);
  const notes = between(all, from, release.tag);
  if (notes.length === 0) return undefined;
  const { roles, box, page } = whatsNew;
  const { tag: version } = release;
  return await composeNews({ version, notes, roles, background, foreground, box, page });
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
