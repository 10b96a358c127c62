// Writes what is generated from the schema; with --check, fails when a file is out of date.
import { readFile, writeFile } from "node:fs/promises";
import { jsonSchema, withReference } from "./reference.ts";

const unspaced = (text: string) => text.replaceAll(/\s/g, "");

const files: Readonly<Record<string, (found: string) => string>> = {
  // How it is laid out is the formatter's business.
  "updater.schema.json": (found) => {
    const wanted = JSON.stringify(jsonSchema, null, 2);
    return unspaced(found) === unspaced(wanted) ? found : `${wanted}\n`;
  },
  "docs/configuration.md": withReference,
};

for (const [name, generate] of Object.entries(files)) {
  const path = new URL(`../../${name}`, import.meta.url);
  const found = await readFile(path, "utf8").catch(() => "");
  const wanted = generate(found);
  if (found === wanted) continue;
  if (process.argv.includes("--check")) {
    console.error(`${name} is out of date. Type: npm run docs`);
    process.exitCode = 1;
  } else {
    await writeFile(path, wanted);
  }
}
