// Writes the generated parts of docs/: a page for each command, docs/json.md, the tables of docs/architecture.md.
// With --check it writes nothing, and fails when one of them is out of date.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { architectureParts } from "./docs/architecture.ts";
import { commandPages } from "./docs/command-pages.ts";
import { jsonReference } from "./docs/json-reference.ts";
import { type Parts, withParts } from "./docs/markdown.ts";

const root = new URL("../", import.meta.url);
const check = process.argv.includes("--check");

const generated: Readonly<Record<string, Parts>> = {
  ...commandPages(),
  "docs/json.md": jsonReference(),
  "docs/architecture.md": architectureParts(),
};

const pages = (await readdir(new URL("docs/commands/", root))).map(
  (name) => `docs/commands/${name}`,
);
const stale = pages.filter((page) => generated[page] === undefined);
const drifted: string[] = [];
for (const [name, parts] of Object.entries(generated)) {
  const path = new URL(name, root);
  const found = await readFile(path, "utf8").catch(() => "");
  const wanted = withParts(found, parts);
  if (found === wanted) continue;
  drifted.push(name);
  if (!check) await writeFile(path, wanted);
}

for (const name of stale) console.error(`${name}: there is no such command; remove the page`);
if (check && drifted.length > 0) {
  console.error(`Out of date: ${drifted.join(", ")}. Type: npm run docs`);
}
process.exitCode = stale.length > 0 || (check && drifted.length > 0) ? 1 : 0;
