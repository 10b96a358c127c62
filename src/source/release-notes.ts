import cliTruncate from "cli-truncate";
import { compareVersions } from "../lib/version.ts";

export interface ReleaseNotes {
  readonly version: string;
  /** As written, in French; undefined when the heading has none. */
  readonly date: string | undefined;
  readonly sections: readonly NoteSection[];
}

interface NoteSection {
  /** Empty for items that come before any heading of their own. */
  readonly title: string;
  readonly items: readonly NoteItem[];
}

export interface NoteItem {
  readonly text: string;
  readonly items: readonly NoteItem[];
}

type Item = { text: string; done: boolean; items: Item[] };
type Section = { title: string; items: Item[] };
type Release = { version: string; date: string | undefined; sections: Section[] };

const versionHeading = /^#{1,3}\s*Version\s+v?(\d{1,6}(?:\.\d{1,6})*)\s*(?:\(([^)]*)\))?/i;
const otherHeading = /^#{1,6}\s+(.*)$/;
const listItem = /^(\s*)[-*+]\s+(?:\[([ xX])\]\s*)?(.*)$/;

/** Reads a NEWS.md of BiomAid; what it doesn't recognise it passes over. */
export function parseReleaseNotes(text: string): ReleaseNotes[] {
  const reader = new Reader();
  for (const line of text.split(/\r\n|\n|\r/)) reader.read(line);
  return reader.releases.map((release) => ({
    ...release,
    sections: release.sections
      .map(({ title, items }) => ({ title, items: doneItems(items) }))
      .filter(({ items }) => items.length > 0),
  }));
}

/** The notes of the versions after `from` up to `to`, newest first. */
export function notesBetween(
  notes: readonly ReleaseNotes[],
  from: string,
  to: string,
): ReleaseNotes[] {
  return notes
    .filter(
      ({ version }) => compareVersions(version, from) > 0 && compareVersions(version, to) <= 0,
    )
    .sort((one, other) => compareVersions(other.version, one.version));
}

/** The notes of each version as the last of several files has them. */
export function latestNotes(files: readonly string[]): ReleaseNotes[] {
  const byVersion = new Map<string, ReleaseNotes>();
  for (const notes of files.flatMap(parseReleaseNotes)) {
    if (notes.sections.length > 0) byVersion.set(notes.version, notes);
  }
  return [...byVersion.values()];
}

/** A release in a line: its first items, as many as fit. */
export function headline(notes: ReleaseNotes, width: number): string {
  const texts = notes.sections.flatMap(({ items }) => items.map(({ text }) => text));
  return cliTruncate(texts.join(" · "), width, { preferTruncationOnSpace: true });
}

class Reader {
  readonly releases: Release[] = [];
  /** The items that the next line may belong to, outermost first. */
  #open: { indent: number; item: Item }[] = [];

  read(line: string): void {
    const version = versionHeading.exec(line);
    const heading = otherHeading.exec(line);
    const item = listItem.exec(line);
    const release = this.releases.at(-1);
    if (version !== null) {
      const date = version[2]?.trim() || undefined;
      this.releases.push({ version: version[1]!, date, sections: [{ title: "", items: [] }] });
      this.#open = [];
    } else if (heading !== null) {
      const title = heading[1]!.replace(/[\s:#]+$/, "");
      release?.sections.push({ title, items: [] });
      this.#open = [];
    } else if (item !== null) {
      this.#addItem(release?.sections.at(-1), item[1]!.length, {
        text: item[3]!.trim(),
        done: item[2] !== " ",
        items: [],
      });
    } else if (/^\s+\S/.test(line)) {
      const last = this.#open.at(-1)?.item;
      if (last !== undefined) last.text = `${last.text} ${line.trim()}`;
    }
  }

  #addItem(section: Section | undefined, indent: number, item: Item): void {
    while ((this.#open.at(-1)?.indent ?? -1) >= indent) this.#open.pop();
    (this.#open.at(-1)?.item ?? section)?.items.push(item);
    this.#open.push({ indent, item });
  }
}

/** Without what an unticked box says is still to come, and without empty items. */
function doneItems(items: readonly Item[]): NoteItem[] {
  return items
    .filter(({ done, text }) => done && text !== "")
    .map((item) => ({ text: item.text, items: doneItems(item.items) }));
}
