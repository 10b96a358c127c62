import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../../..");

/** Paths of all documents, relative to the root. */
export const documents = globSync(["*.md", "docs/**/*.md", "test/fixtures/*/README.md"], {
  cwd: root,
}).toSorted();

export function readDocument(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** What follows a heading, up to the next one. */
export function section(path: string, heading: string): string {
  const [, after] = readDocument(path).split(`\n${heading}\n`);
  if (after === undefined) throw new Error(`${path} has no ${heading}`);
  return after.split(/^#+ /m)[0] ?? "";
}

/** What stands between backticks in the first column of a table's rows, in order. */
export function firstColumn(text: string): string[] {
  const rows = [...text.matchAll(/^\|([^|]*)\|/gm)].map(([, cell = ""]) => cell);
  return rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name));
}

/** Lines of the blocks of a document that are a session at a prompt. */
export function sessions(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```(?:console)?\n([^]*?)^ *```$/gm)];
  return blocks.flatMap(([, block = ""]) => block.split("\n"));
}

/** Headings as GitHub makes anchors of them. */
export function anchorsOf(document: string): string[] {
  const text = withoutBlocks(document);
  const seen = new Map<string, number>();
  return [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => {
    const anchor = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
      .replaceAll(" ", "-");
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}

export function withoutBlocks(document: string): string {
  return document.replaceAll(/^ *```[^]*?^ *```$/gm, "");
}
