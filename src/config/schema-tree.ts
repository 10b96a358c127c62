/** The schema as data: for what reads of the keys themselves, rather than checks a file with it. */
import { z } from "zod";
import { expectedOf, type FileKind, oneLine } from "./file-kinds.ts";
import { schema } from "./schema.ts";
import { type KeyPath, type Table, tableOf } from "../lib/toml.ts";

/** A JSON Schema, of which it has more than what is used here; and what `values.ts` adds to it. */
export interface Node {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  /** Of a table. */
  readonly properties?: Readonly<Record<string, Node>>;
  /** Of a table of tables with the same keys: one of an unknown name is like the others. */
  readonly alike?: true;
  /** Of a record: what each value is. */
  readonly additionalProperties?: Node | false;
  /** Of a list. */
  readonly items?: Node;
  /** Of a text that names a file. */
  readonly file?: FileKind;
  /** Of a duration: the shortest, and the longest. */
  readonly range?: readonly [string, string];
}

export const tree = z.toJSONSchema(schema, { io: "input" }) as Node;

/** What the schema says of a key; undefined when it knows none such. */
export function nodeAt(path: KeyPath): Node | undefined {
  return path.reduce<Node | undefined>(
    (node, part) => (typeof part === "number" ? node?.items : node?.properties?.[part]),
    tree,
  );
}

/** What a file says of a key, as it is written there, or else the default. */
export function settingIn(file: Table, ...path: readonly string[]): unknown {
  const written = path.reduce<unknown>((value, key) => tableOf(value)[key], file);
  return written ?? nodeAt(path)?.default;
}

export interface NamedFile {
  readonly path: KeyPath;
  readonly text: string;
  readonly kind: FileKind;
}

/** Every text of a file, or default, that names a file; as it is written, so that faults elsewhere hide none. */
export function namedFiles(value: unknown, node: Node = tree, path: KeyPath = []): NamedFile[] {
  const found = value ?? node.default;
  if (node.file !== undefined) {
    const { names = (text) => oneLine.test(text) } = expectedOf[node.file];
    const named = typeof found === "string" && names(found);
    return named ? [{ path, text: found, kind: node.file }] : [];
  }
  const { items, properties = {}, additionalProperties, alike } = node;
  if (items !== undefined) {
    const list: unknown[] = Array.isArray(found) ? found : [];
    return list.flatMap((item, index) => namedFiles(item, items, [...path, index]));
  }
  const others = alike ? Object.values(properties)[0] : additionalProperties;
  const table = tableOf(found);
  const keys = new Set([...Object.keys(properties), ...(others ? Object.keys(table) : [])]);
  return [...keys].flatMap((key) => {
    const child = Object.hasOwn(properties, key) ? properties[key] : others;
    return child ? namedFiles(table[key], child, [...path, key]) : [];
  });
}
