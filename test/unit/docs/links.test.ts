import { existsSync, globSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { anchorsOf, documents, readDocument, root, withoutBlocks } from "./documents.ts";

/** Folders whose files documents name between backticks. */
const folders = /^(src|docs|images|test|scripts|bin)\/\S+$/;

const testFiles = new Set(globSync("test/**/*.ts", { cwd: root }).map((path) => basename(path)));

/** Whatever of the documents does not hold, with the document it stands in. */
function faults(find: (text: string, path: string) => readonly string[]): string[] {
  return documents.flatMap((path) => {
    const text = withoutBlocks(readDocument(path));
    return find(text, path).map((fault) => `${path}: ${fault}`);
  });
}

test("every link in the documents leads somewhere, its anchor too", () => {
  const broken = faults((text, path) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !/^[a-z]+:/.test(target) && !leads(path, target)),
  );
  expect(broken).toEqual([]);
});

function leads(from: string, target: string): boolean {
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? from : normalize(join(dirname(from), file));
  if (!existsSync(join(root, path))) return false;
  return anchor === undefined || anchorsOf(readDocument(path)).includes(decodeURI(anchor));
}

test("every path that the documents name is there", () => {
  const missing = faults((text) =>
    [...text.matchAll(/`([^`\n]+)`/g)]
      .map(([, name = ""]) => name)
      .filter((name) => {
        if (/^[\w-]+\.test\.ts$/.test(name)) return !testFiles.has(name);
        return folders.test(name) && globSync(name, { cwd: root }).length === 0;
      }),
  );
  expect(missing).toEqual([]);
});

test("every name that the documents say is in a file is in it", () => {
  const missing = faults((text) =>
    [...text.matchAll(/`(\w+)`\s(?:of `\w+` )?(?:in|\()\s?`?(src\/[^`)]+\.ts)/g)]
      .filter(([, name = "", path = ""]) => !readDocument(path).includes(name))
      .map(([found]) => found),
  );
  expect(missing).toEqual([]);
});

test("every document that the program sends people to is there, with the heading it names", () => {
  const named = /\b((?:docs\/[\w/-]+|README|LISEZMOI)\.md)(?:, [“«]\u00a0?([^”»]+?)\u00a0?[”»])?/g;
  const sent = globSync("src/text/*/*.ts", { cwd: root }).flatMap((path) => [
    ...readDocument(path).matchAll(named),
  ]);
  const broken = sent.filter(([, file = "", heading]) => {
    if (!existsSync(join(root, file))) return true;
    return heading !== undefined && !readDocument(file).includes(`# ${heading}\n`);
  });
  expect(sent.length).toBeGreaterThan(5);
  expect(broken.map(([text]) => text)).toEqual([]);
});
