// Writes updater.schema.json from the schema; with --check, fails when the file is out of date.
import { readFile, writeFile } from "node:fs/promises";
import { jsonSchema } from "./reference.ts";

const file = new URL("../../updater.schema.json", import.meta.url);
const wanted = JSON.stringify(jsonSchema, null, 2);

if (!process.argv.includes("--check")) {
  await writeFile(file, `${wanted}\n`);
} else {
  // Compared as values: how the file is laid out is the formatter's business.
  const found = await readFile(file, "utf8").catch(() => "null");
  if (JSON.stringify(JSON.parse(found), null, 2) !== wanted) {
    console.error("updater.schema.json is out of date; run: node src/config/write-schema.ts");
    process.exitCode = 1;
  }
}
