// Writes what is generated: updater.schema.json, and parts of docs/ (a page for each command, docs/json.md, the tables
// of docs/configuration.md and docs/architecture.md). With --check it writes nothing, and fails when one is out of date.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { architectureParts } from "./docs/architecture.ts";
import { commandPages } from "./docs/command-pages.ts";
import { configurationParts, jsonSchema } from "./docs/configuration.ts";
import { jsonReference } from "./docs/json-reference.ts";
import { type Parts, withParts } from "./docs/markdown.ts";

const root = new URL("../", import.meta.url);
const check = process.argv.includes("--check");

const documents: Readonly<Record<string, Parts>> = {
  ...commandPages(),
  "docs/json.md": jsonReference(),
  "docs/configuration.md": configurationParts(),
  "docs/architecture.md": architectureParts(),
};
const unspaced = (text: string) => text.replaceAll(/\s/g, "");
/** By file: what it should hold, of what it does hold. */
const generated: Readonly<Record<string, (found: string) => string>> = {
  ...Object.fromEntries(
    Object.entries(documents).map(([name, parts]) => [name, (found) => withParts(found, parts)]),
  ),
  // How it is laid out is the formatter's business.
  "updater.schema.json": (found) => {
    const wanted = JSON.stringify(jsonSchema, null, 2);
    return unspaced(found) === unspaced(wanted) ? found : `${wanted}\n`;
  },
};

const pages = (await readdir(new URL("docs/commands/", root))).map(
  (name) => `docs/commands/${name}`,
);
const stale = pages.filter((page) => documents[page] === undefined);
const drifted: string[] = [];
for (const [name, generate] of Object.entries(generated)) {
  const path = new URL(name, root);
  const found = await readFile(path, "utf8").catch(() => "");
  const wanted = generate(found);
  if (found === wanted) continue;
  drifted.push(name);
  if (!check) await writeFile(path, wanted);
}

for (const name of stale) console.error(`${name}: there is no such command; remove the page`);
if (check && drifted.length > 0) {
  console.error(`Out of date: ${drifted.join(", ")}. Type: npm run docs`);
}
process.exitCode = stale.length > 0 || (check && drifted.length > 0) ? 1 : 0;
