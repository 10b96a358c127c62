import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Configuration } from "./configuration.ts";
import { fileFindings } from "./files.ts";
import { findingsOf } from "./findings.ts";
import { keyName, type Finding, type Problem } from "./problem.ts";
import { crossFieldFindings } from "./rules.ts";
import { schema } from "./schema.ts";
import { namedFiles } from "./schema-tree.ts";
import { parseDocument, type Document, type Table, valueAt } from "../lib/toml.ts";
import { messageOf, UpdaterError } from "../errors.ts";

/** What a configuration says, and everything that is wrong with it. */
interface Examined {
  readonly file: string;
  readonly problems: readonly Problem[];
  /** Keys at fault count as absent; undefined when too little is left, or the instance's name is at fault. */
  readonly configuration: Configuration | undefined;
}

/** Reads and checks an `updater.toml` and the files it names; throws one error that tells every fault. */
export async function loadConfiguration(path: string): Promise<Configuration> {
  const { file, problems, configuration } = await examineConfiguration(path);
  if (configuration && problems.length === 0) return configuration;
  throw new UpdaterError("configurationInvalid", { file, problems });
}

/**
 * Reads a configuration in spite of its faults, for a look around.
 * @throws UpdaterError when there is none, or it is not TOML
 */
export async function examineConfiguration(path: string): Promise<Examined> {
  const file = resolve(path);
  const text = await readConfiguration(file);
  const document = documentOf(file, text);
  const { table } = document;
  const { configuration, findings } = examineTable(file, text, table);
  const problems = problemsOf(
    [...findings, ...(await fileFindings(table, dirname(file)))],
    document,
  );
  return { file, problems, configuration };
}

/**
 * A configuration as it was when an operation began, without a look at the files it names: a share that is away, and
 * a secret that is no longer there, have nothing to do with the operation's end.
 * @param text what the file held then
 * @returns nothing where it says too little to this version of the updater
 */
export function keptConfiguration(file: string, text: string): Configuration | undefined {
  const document = parseDocument(text);
  if ("reason" in document) return undefined;
  return examineTable(file, text, document.table).configuration;
}

function documentOf(file: string, text: string): Document {
  const document = parseDocument(text);
  if ("reason" in document) throw new UpdaterError("configurationSyntax", { file, ...document });
  return document;
}

function examineTable(file: string, text: string, table: Table) {
  const folder = dirname(file);
  const located = withAbsolutePaths(table, folder);
  const result = schema.safeParse(located);
  const findings = [
    ...findingsOf(result.error?.issues ?? [], located),
    ...crossFieldFindings(table),
  ];
  const left =
    findings.length === 0
      ? result
      : schema.safeParse(withAbsolutePaths(without(table, findings), folder));
  const known = left.success && !findings.some((finding) => finding.path[0] === "instance");
  return { configuration: known ? { ...left.data, file, text } : undefined, findings };
}

/** A copy of the table in which the files it names are found from anywhere. */
function withAbsolutePaths(table: Table, folder: string): Table {
  const copy = structuredClone(table);
  for (const { path, text } of namedFiles(table)) {
    const holder = valueAt(copy, path.slice(0, -1));
    if (isObject(holder)) Reflect.set(holder, path.at(-1)!, resolve(folder, text));
  }
  return copy;
}

/** A copy of the table without the keys at fault. */
function without(table: Table, findings: readonly Finding[]): Table {
  const copy = structuredClone(table);
  for (const { path } of findings) {
    const holder = valueAt(copy, path.slice(0, -1));
    if (isObject(holder)) Reflect.deleteProperty(holder, path.at(-1)!);
  }
  return copy;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

async function readConfiguration(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    const missing = (thrown as NodeJS.ErrnoException).code === "ENOENT";
    if (missing) throw new UpdaterError("configurationMissing", { file }, thrown);
    throw new UpdaterError("configurationUnreadable", { file, reason: messageOf(thrown) }, thrown);
  }
}

/** In the file's order; one fault a key is enough to correct it. */
function problemsOf(findings: readonly Finding[], document: Document): Problem[] {
  const problems = new Map<string, Problem>();
  for (const { path, fault } of findings) {
    const key = keyName(path);
    if (!problems.has(key)) problems.set(key, { line: document.lineOf(path), key, fault });
  }
  return [...problems.values()].sort((one, other) => (one.line ?? 0) - (other.line ?? 0));
}
