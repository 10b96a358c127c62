import { hostname } from "node:os";
import wrapAnsi from "wrap-ansi";
import type { Fate, Finding } from "../adoption/finding.ts";
import { findingsOf } from "../adoption/findings.ts";
import { inspectSite } from "../adoption/inspect.ts";
import type { Inspection } from "../adoption/inspection.ts";
import { newFolder, writeConfiguration } from "../adoption/write.ts";
import { printable } from "../lib/printable.ts";
import type { Catalogue } from "../text/catalogue.ts";
import type { Command } from "./command.ts";

export interface AdoptOptions {
  /** A folder to write a configuration into. */
  readonly write?: string;
}

/** @param where a folder of the site, or the name of its service */
export const adoptCommand =
  (where: string | undefined, { write }: AdoptOptions): Command =>
  async (environment) => {
    const { catalogue, signal } = environment;
    const folder = write === undefined ? undefined : await newFolder(write);
    const inspection = await inspectSite(where, signal);
    const findings = findingsOf(inspection);
    if (folder !== undefined) await writeConfiguration(inspection, folder, catalogue, signal);
    environment.print(textOf(inspection, findings, folder, catalogue), {
      type: "adoption",
      folder: inspection.application.sources,
      user: inspection.user.name,
      written: folder ?? null,
      findings: findings.map((finding) => ({
        ...finding.facts,
        fate: finding.fate,
        code: finding.code,
        ...wordsOf(finding, catalogue),
      })),
    });
  };

function wordsOf({ code, facts }: Finding, { adoption }: Catalogue) {
  const told = adoption.findings[code] as (facts: object) => { what: string; line?: string };
  const { what, line } = told(facts);
  return {
    what: printable(what).replaceAll("\n", " "),
    line: line === undefined ? null : printable(line),
  };
}

const order = ["decide", "lost", "mapped", "carried"] as const satisfies readonly Fate[];
const marks = { decide: "?", lost: "!", mapped: "→", carried: "✔" } as const;
const width = 80;

function textOf(
  { application, user }: Inspection,
  findings: readonly Finding[],
  folder: string | undefined,
  catalogue: Catalogue,
): string {
  const { adoption: text } = catalogue;
  const ofFate = (fate: Fate) => findings.filter((finding) => finding.fate === fate);
  const sections = order.flatMap((fate) => {
    const lines = ofFate(fate).flatMap((finding) => linesOf(finding, catalogue));
    return lines.length === 0 ? [] : ["", text.fates[fate], ...lines];
  });
  return [
    text.title(application.sources, user.name, hostname()),
    ...sections,
    "",
    text.untouched,
    folder === undefined ? text.advice(ofFate("decide").length) : text.written(folder),
  ].join("\n");
}

/** A command is never broken. */
function linesOf(finding: Finding, catalogue: Catalogue): string[] {
  const { what, line } = wordsOf(finding, catalogue);
  const [first = "", ...more] = wrapAnsi(what, width - 4, { trim: true }).split("\n");
  return [
    `  ${marks[finding.fate]} ${first}`,
    ...more.map((one) => `    ${one}`),
    ...(line === null ? [] : [`    ${line}`]),
  ];
}
