import { findInstance } from "../instance/read-instance.ts";
import { openSource } from "../release/release.ts";
import { headline, parseReleaseNotes } from "../source/release-notes.ts";
import { compareVersions } from "../lib/version.ts";
import { type Command, openInstance } from "./command.ts";

/** Characters of a release's notes that fit into its line. */
const noteWidth = 90;

export const versionsCommand =
  ({ all }: { all?: true }): Command =>
  async (environment) => {
    const { catalogue, signal } = environment;
    const instance = await openInstance(environment, { recover: false });
    const source = await openSource(instance, signal);
    const tags = await source.tags();
    const newest = tags.at(-1);
    // A release's notes are often added after its own tag: the newest file has the most.
    const news = newest ? await source.readFile(newest.commit, "NEWS.md") : undefined;
    const notes = new Map(
      parseReleaseNotes(news ?? "").map((release) => [
        release.version,
        headline(release, noteWidth),
      ]),
    );
    const serving = (await findInstance(instance.engine, instance.name))?.serving?.tag ?? null;
    const versions = tags
      .filter(({ tag }) => all || serving === null || compareVersions(tag, serving) >= 0)
      .map(({ tag, commit, date }) => ({
        tag,
        commit,
        date: date.toISOString(),
        serving: tag === serving,
        newer: serving !== null && compareVersions(tag, serving) > 0,
        notes: notes.get(tag) ?? "",
      }));
    const { cli } = catalogue;
    const width = Math.max(0, ...versions.map(({ tag }) => tag.length));
    const dayWidth = Math.max(0, ...versions.map(({ date }) => cli.day(date).length));
    const lines = versions.map(({ tag, date, serving, notes }) => {
      const mark = serving ? `  ← ${cli.versions.serving}` : "";
      return `${tag.padEnd(width)}  ${cli.day(date).padEnd(dayWidth)}${mark}  ${notes}`.trimEnd();
    });
    if (serving !== null && !versions.some(({ newer }) => newer)) lines.push(cli.versions.none);
    environment.print(lines.join("\n"), { type: "versions", versions });
  };
