import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { configurationParts, jsonSchema } from "../../../scripts/docs/configuration.ts";
import { withParts } from "../../../scripts/docs/markdown.ts";
import { type Node, tree } from "../../../src/config/schema-tree.ts";

const read = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), "utf8");
const document = read("docs/configuration.md");
const withReference = (text: string) => withParts(text, configurationParts());

function keysOf(node: Node): string[] {
  return Object.entries({ ...node.properties, ...node.items?.properties }).flatMap(
    ([key, child]) => [key, ...keysOf(child)],
  );
}

test("docs/configuration.md explains every key as the schema does", () => {
  const missing = keysOf(tree).filter((key) => !document.includes(key));
  expect(missing).toEqual([]);
  expect(withReference(document)).toBe(document);
});

test("a part of docs/configuration.md that is not there, or no table's, is an error", () => {
  const without = document.replace("<!-- generated: [hold] -->", "");
  expect(() => withReference(without)).toThrow("[hold]");
  expect(() => withReference(`${document}<!-- generated: [xyzzy] -->\n<!-- end -->`)).toThrow(
    "[xyzzy]",
  );
});

test("updater.schema.json is the schema", () => {
  expect(JSON.parse(read("updater.schema.json"))).toEqual(JSON.parse(JSON.stringify(jsonSchema)));
});
