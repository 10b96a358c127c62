import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseAst } from "vitest/node";
import type { Language } from "../../src/text/catalogue.ts";

const root = join(import.meta.dirname, "../..");

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** A text as it is written in the sources, every branch of it, with `${…}` where something is put in. */
export interface Written {
  readonly place: string;
  readonly text: string;
  /** It is one of several, by a condition: the number in it may be known to be more than one. */
  readonly chosen: boolean;
}

/** Everything that is written in one language. */
export function writtenIn(language: Language): Written[] {
  const folder = join(root, "src/text", language);
  return readdirSync(folder).flatMap((name) => writtenAt(`src/text/${language}/${name}`));
}

/** The same of one file, from a place on. */
export function writtenAt(path: string, from = /^/): Written[] {
  const source = readFileSync(join(root, path), "utf8");
  const begin = source.search(from);
  const found: Written[] = [];
  const add = (node: Node, text: string, chosen: boolean) => {
    if (node.start < begin) return;
    const line = source.slice(0, node.start).split("\n").length;
    found.push({ place: `${basename(path)}:${line}`, text, chosen });
  };
  const visit = (value: unknown, chosen: boolean): void => {
    if (Array.isArray(value)) return value.forEach((each) => visit(each, false));
    if (!isNode(value) || value.type === "ImportDeclaration") return;
    if (value.type === "Literal" && typeof value["value"] === "string") {
      add(value, value["value"], chosen);
    }
    if (value.type === "TemplateLiteral") {
      const [quasis, expressions] = [value["quasis"], value["expressions"]] as [
        { value: { cooked: string } }[],
        Node[],
      ];
      const text = quasis.map((quasi, index) => {
        const put = expressions[index];
        return `${quasi.value.cooked}${put ? `\${${nameOf(source.slice(put.start, put.end))}}` : ""}`;
      });
      add(value, text.join(""), chosen);
    }
    const branches = value.type === "ConditionalExpression" ? ["consequent", "alternate"] : [];
    for (const [key, child] of Object.entries(value)) visit(child, branches.includes(key));
  };
  visit(parseAst(source, { lang: "ts" }), false);
  return found;
}

/** What is put in; texts in it are found by themselves. */
function nameOf(expression: string): string {
  return /[`"{}]/.test(expression) ? "…" : expression;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}
