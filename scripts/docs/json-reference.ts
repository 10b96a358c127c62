import { z } from "zod";
import { results } from "../../src/commands/results.ts";
import { type ErrorCode, exit, UpdaterError } from "../../src/errors.ts";
import { event } from "../../src/instance/events.ts";
import { catalogueOf } from "../../src/text/catalogue.ts";
import { exitCodes } from "./command-pages.ts";
import { markdownTable, type Parts } from "./markdown.ts";

/** The part of a JSON Schema that is told. */
interface Shape {
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
}

type Key = [name: string, shape: Shape];

/** More values than this are in a list of their own. */
const mostValues = 8;

const { steps, notes, errors } = catalogueOf("en");
const shapeOf = (schema: z.ZodType) =>
  z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Shape;

/** Everything `--json` prints, by the marker in docs/json.md. */
export function jsonReference(): Parts {
  return {
    events: (shapeOf(event).anyOf ?? []).map(eventText).join("\n\n"),
    results: results.map((result) => resultText(shapeOf(result))).join("\n\n"),
    "exit codes": exitCodes(),
    notes: codeTable("note", notes),
    steps: codeTable("step", steps),
    errors: errorCodes(),
  };
}

function eventText(shape: Shape): string {
  const variants = shape.oneOf ?? [shape];
  const [first] = variants;
  const all = variants.flatMap(keysOf).flatMap(asPrinted);
  const lines = [...new Set(all.map(([name]) => name))].map((name) => {
    const found = all.filter(([other]) => other === name).map(([, key]) => key);
    const values = found.flatMap(valuesOf);
    const often = found.length < variants.length && "not always there";
    return keyText(name, values, [found[0]?.description, often]);
  });
  return textOf(`\`${typeOf(first)}\``, shape.description, lines);
}

/** `--json` shows an error of an event as its code and its facts. */
function asPrinted([name, shape]: Key): Key[] {
  return name === "error" ? keysOf(shape) : [[name, shape]];
}

function resultText(shape: Shape): string {
  const lines = keysOf(shape).map(([name, key]) => keyText(name, valuesOf(key), [key.description]));
  return textOf(`\`${typeOf(shape)}\`: ${shape.title}`, undefined, lines);
}

/** Keys that need no words share a line. */
function textOf(
  heading: string,
  description: string | undefined,
  lines: readonly string[],
): string {
  const list = lines.reduce(
    (text, line) =>
      text +
      (text !== "" && isBare(line) && isBare(text.split("\n").at(-1))
        ? `, ${line}`
        : `\n- ${line}`),
    "",
  );
  return [`### ${heading}`, description, list.trim() || "No other keys."]
    .filter((part) => part !== undefined)
    .join("\n\n");
}

const isBare = (line = "") => !line.includes(":");

function keysOf({ properties = {} }: Shape): Key[] {
  return Object.entries(properties).filter(([name]) => name !== "type");
}

function typeOf(shape: Shape | undefined): string {
  return String(shape?.properties?.["type"]?.const);
}

function valuesOf({ enum: values, const: value, anyOf = [] }: Shape): string[] {
  const own = [...(values ?? []), ...(value === undefined ? [] : [value])];
  return [...own.map((one) => `\`${String(one)}\``), ...anyOf.flatMap(valuesOf)];
}

function keyText(
  name: string,
  values: readonly string[],
  words: readonly (string | false | undefined)[],
): string {
  const listed = values.length <= mostValues && values.join(", ");
  const told = [listed, ...words].filter(Boolean).join("; ");
  return told === "" ? `\`${name}\`` : `\`${name}\`: ${told}`;
}

function codeTable(code: string, texts: Readonly<Record<string, string>>): string {
  const rows = Object.entries(texts).map(([name, text]) => [`\`${name}\``, text]);
  return markdownTable([code, "as people read it"], rows);
}

/** Codes of errors by the exit code of a command that ends with one before it has begun. */
function errorCodes(): string {
  const codes = (Object.keys(errors) as ErrorCode[]).toSorted();
  const rows = [exit.refused, exit.usage, exit.needsHuman].map((exitCode) => {
    const own = codes.filter((code) => new UpdaterError(code, {}).exitCode === exitCode);
    return [String(exitCode), own.map((code) => `\`${code}\``).join(", ")];
  });
  return markdownTable(["exit code", "errors"], rows);
}
