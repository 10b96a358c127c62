import { hostname } from "node:os";
import { dirname, resolve } from "node:path";
import wrapAnsi from "wrap-ansi";
import { type Fate, fatesInOrder, type Finding, wordsOf } from "../adoption/finding.ts";
import { findingsOf } from "../adoption/findings.ts";
import { inspectSite } from "../adoption/inspect.ts";
import type { Inspection } from "../adoption/inspection.ts";
import { newFolder, refuseOwnFolder, writeConfiguration } from "../adoption/write.ts";
import { renderAdoption } from "../adoption/report.ts";
import type { Catalogue } from "../text/catalogue.ts";
import type { Command } from "./command.ts";
import { refuseUnwritable, writeReport } from "./report-file.ts";

interface AdoptOptions {
  /** A folder to write a configuration into. */
  readonly write: string | undefined;
  /** Path of an HTML file to write. */
  readonly report: string | undefined;
}

/** @param where a folder of the site, or the name of its service */
export const adoptCommand =
  (where: string | undefined, { write, report }: AdoptOptions): Command =>
  async (environment) => {
    const { catalogue, language, signal } = environment;
    if (report !== undefined) await refuseUnwritable(report);
    const folder = write === undefined ? undefined : await newFolder(write);
    const inspection = await inspectSite(where, signal);
    const findings = findingsOf(inspection);
    if (folder !== undefined) await writeConfiguration(inspection, folder, catalogue, signal);
    const title = titleOf(inspection, catalogue);
    if (report !== undefined) {
      await refuseOwnFolder(inspection, dirname(resolve(report)));
      await writeReport(report, renderAdoption(title, findings, language));
    }
    const lines = [textOf(title, findings, folder, catalogue)];
    if (report !== undefined) lines.push(catalogue.rehearse.reportWritten(report));
    environment.print(lines.join("\n"), {
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

const marks = { decide: "?", lost: "!", mapped: "→", carried: "✔" } as const;
const width = 80;

const titleOf = ({ application, user }: Inspection, { adoption }: Catalogue) =>
  adoption.title(application.sources, user.name, hostname());

function textOf(
  title: string,
  findings: readonly Finding[],
  folder: string | undefined,
  catalogue: Catalogue,
): string {
  const { adoption: text } = catalogue;
  const ofFate = (fate: Fate) => findings.filter((finding) => finding.fate === fate);
  const sections = fatesInOrder.flatMap((fate) => {
    const lines = ofFate(fate).flatMap((finding) => linesOf(finding, catalogue));
    return lines.length === 0 ? [] : ["", text.fates[fate], ...lines];
  });
  return [
    title,
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
