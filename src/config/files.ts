import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type Expected, expectedOf } from "./file-kinds.ts";
import type { Fault, FileTrouble, Finding } from "./problem.ts";
import { namedFiles } from "./schema-tree.ts";
import type { Table } from "../lib/toml.ts";
import { templateFaults } from "../lib/template.ts";

/** What is wrong with the files that a configuration names, all of them. */
export async function fileFindings(file: Table, folder: string): Promise<Finding[]> {
  const findings = await Promise.all(
    namedFiles(file).map(async ({ path: key, text, kind }): Promise<Finding[]> => {
      const path = resolve(folder, text);
      const fault = await faultOf(path, expectedOf[kind]);
      return fault ? [{ path: key, fault }] : [];
    }),
  );
  return findings.flat();
}

async function faultOf(path: string, expected: Expected): Promise<Fault | undefined> {
  const trouble = await troubleWith(path, expected);
  if (trouble !== undefined) return { kind: "file", trouble, path };
  if (expected.template === undefined) return undefined;
  const { required, optional } = expected.template;
  const faults = templateFaults(await readFile(path, "utf8"), expected.template);
  if (faults.unknown.length + faults.missing.length === 0) return undefined;
  return { kind: "template", path, known: [...required, ...optional], ...faults };
}

async function troubleWith(path: string, expected: Expected): Promise<FileTrouble | undefined> {
  const { folder, executable, secret, holds } = expected;
  try {
    const found = await stat(path);
    if (folder) return found.isDirectory() ? undefined : "notAFolder";
    if (!found.isFile()) return "notAFile";
    await access(path, constants.R_OK);
    if (executable && !(await canRun(path))) return "notExecutable";
    if (secret && (found.mode & 0o007) !== 0) return "worldReadable";
    return holds && !holds[0](await readFile(path, "utf8")) ? holds[1] : undefined;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? "missing" : "unreadable";
  }
}

async function canRun(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
