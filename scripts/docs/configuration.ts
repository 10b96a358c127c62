import { z } from "zod";
import { builtIn } from "../../src/config/build-settings.ts";
import { expectedOf } from "../../src/config/file-kinds.ts";
import { schema } from "../../src/config/schema.ts";
import { type Node, tree } from "../../src/config/schema-tree.ts";
import { markdownTable, type Parts } from "./markdown.ts";

/** For editors: a JSON Schema, without what only the updater understands. */
export const jsonSchema = z.toJSONSchema(schema, {
  io: "input",
  override({ jsonSchema: described }) {
    delete described["file"];
    delete described["range"];
    delete described["alike"];
  },
});

/** The tables of docs/configuration.md. */
export function configurationParts(): Parts {
  return { ...Object.fromEntries(tablesOf(tree, "")), "built-in versions": builtInVersions() };
}

/** A part for each table with keys of its own, by the table's name in TOML. */
function tablesOf(node: Node, name: string): [string, string][] {
  const children = Object.entries(node.properties ?? {});
  const inner = (node.alike ? children.slice(0, 1) : children).flatMap(([key, child]) => {
    const path = [...(name === "" ? [] : [name]), node.alike ? "<point>" : key].join(".");
    return child.items?.properties ? tablesOf(child.items, `[${path}]`) : tablesOf(child, path);
  });
  const rows = children.filter(([, child]) => !child.properties && !child.items?.properties);
  if (rows.length === 0) return inner;
  const required = new Set(node.required);
  const lines = rows.map(([key, child]) => [
    `\`${key}\``,
    defaultOf(child, required.has(key)),
    meaningOf(child),
  ]);
  const heading = name === "" ? "top level" : `[${name}]`;
  return [[heading, markdownTable(["key", "default", "meaning"], lines)], ...inner];
}

/** The default, and in brackets what else is allowed. */
function defaultOf(node: Node, required: boolean): string {
  const [least, most] = node.range ?? [node.minimum, node.maximum];
  const others = node.enum?.filter((one) => one !== node.default).map(tomlOf) ?? [];
  if (node.default !== undefined && others.length > 0) others.unshift("or");
  const allowed = least === undefined ? others.join(" ") : `${least} to ${most}`;
  const otherwise = node.default === undefined ? "" : tomlOf(node.default);
  return `${required ? "required" : otherwise} ${allowed && `(${allowed})`}`.trim();
}

function meaningOf({ description = "", file }: Node): string {
  const secret = file !== undefined && expectedOf[file].secret;
  return secret ? `${description} Same permissions as a secret.` : description;
}

function builtInVersions(): string {
  const rows = builtIn.map(({ from, python, groups }) => [from, python, groups.join(", ")]);
  return markdownTable(["`from`", "`python`", "`groups`"], rows);
}

/** As TOML writes it: what defaults are made of looks the same in JSON. */
function tomlOf(value: unknown): string {
  return `\`${JSON.stringify(value).replaceAll('","', '", "')}\``;
}
