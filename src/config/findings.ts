import { distance } from "fastest-levenshtein";
import type { z } from "zod";
import { keyName, type Fault, type Finding, type ValueType } from "./problem.ts";
import { type Node, nodeAt, tree } from "./schema-tree.ts";
import { type KeyPath, type Table, valueAt } from "../lib/toml.ts";

const valueTypes: Readonly<Record<string, ValueType>> = {
  string: "text",
  number: "number",
  int: "wholeNumber",
  boolean: "boolean",
  array: "list",
  object: "table",
  record: "table",
};

/** What zod says about a file, in the updater's own words. */
export function findingsOf(issues: readonly z.core.$ZodIssue[], file: Table): Finding[] {
  return issues.flatMap((issue) => findingsOfIssue(issue, issue.path as KeyPath, file));
}

function findingsOfIssue(issue: z.core.$ZodIssue, path: KeyPath, file: Table): Finding[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...path, key],
      fault: { kind: "unknownKey", suggestion: suggestionFor(key, path) },
    }));
  }
  if (issue.code === "invalid_key") {
    return issue.issues.flatMap((inner) => findingsOfIssue(inner, path, file));
  }
  return [{ path, fault: faultOf(issue, valueAt(file, path)) }];
}

function faultOf(issue: z.core.$ZodIssue, found: unknown): Fault {
  if (found === undefined) return { kind: "missing" };
  if (issue.code === "custom" && issue.params?.["fault"]) return issue.params["fault"] as Fault;
  if (issue.code === "invalid_type") {
    return { kind: "wrongType", expected: valueTypes[issue.expected] ?? "text" };
  }
  if (issue.code === "invalid_value")
    return { kind: "notOneOf", allowed: issue.values.map(String) };
  if (issue.code === "too_big") return { kind: "tooBig", maximum: String(issue.maximum) };
  if (issue.code === "too_small") {
    const counted = issue.origin === "array" || issue.origin === "string";
    return counted ? { kind: "empty" } : { kind: "tooSmall", minimum: String(issue.minimum) };
  }
  throw new Error(`No words for the issue ${issue.code} of ${keyName(issue.path as KeyPath)}`);
}

/** The key that was probably meant: one spelt nearly so, or the same one of another table. */
function suggestionFor(key: string, table: KeyPath): string | undefined {
  const plain = key.toLowerCase().replaceAll("-", "_");
  const near = Object.keys(nodeAt(table)?.properties ?? {})
    .map((known) => ({ known, changes: distance(plain, known) }))
    .filter(({ known, changes }) => changes <= Math.ceil(Math.max(known.length, plain.length) / 3))
    .sort((one, other) => one.changes - other.changes)[0];
  if (near !== undefined) return near.known;
  const elsewhere = pathsTo(plain, tree, []);
  return elsewhere.length === 1 ? keyName(elsewhere[0]!) : undefined;
}

function pathsTo(key: string, node: Node, path: KeyPath): KeyPath[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => [
    ...(name === key ? [[...path, name]] : []),
    ...pathsTo(key, child, [...path, name]),
  ]);
}
