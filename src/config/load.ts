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
  const folder = dirname(file);
  const document = parseDocument(await readConfiguration(file));
  if ("reason" in document) throw new UpdaterError("configurationSyntax", { file, ...document });
  const { table } = document;
  const located = withAbsolutePaths(table, folder);
  const result = schema.safeParse(located);
  const inFile = [...findingsOf(result.error?.issues ?? [], located), ...crossFieldFindings(table)];
  const problems = problemsOf([...inFile, ...(await fileFindings(table, folder))], document);
  const left =
    inFile.length === 0
      ? result
      : schema.safeParse(withAbsolutePaths(without(table, inFile), folder));
  const known = left.success && !inFile.some((finding) => finding.path[0] === "instance");
  return { file, problems, configuration: known ? { ...left.data, file } : undefined };
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
