import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { jsonSchema } from "../../src/config/reference.ts";
import { type Node, tree } from "../../src/config/schema-tree.ts";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
const document = read("docs/configuration.md");

function keysOf(node: Node): string[] {
  return Object.entries({ ...node.properties, ...node.items?.properties }).flatMap(
    ([key, child]) => [key, ...keysOf(child)],
  );
}

test("every key is explained in docs/configuration.md", () => {
  const missing = keysOf(tree).filter((key) => !document.includes(key));
  expect(missing).toEqual([]);
});

test("updater.schema.json is the schema", () => {
  expect(JSON.parse(read("updater.schema.json"))).toEqual(JSON.parse(JSON.stringify(jsonSchema)));
});
