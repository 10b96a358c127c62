import { inspect } from "node:util";
import wrapAnsi from "wrap-ansi";
import { exit } from "../errors.ts";
import type { Finding } from "../doctor/finding.ts";
import { type Diagnosis, diagnose } from "../doctor/diagnose.ts";
import { printable } from "../lib/printable.ts";
import type { Catalogue } from "../text/catalogue.ts";
import { type Command, withoutEvents } from "./command.ts";

const width = 80;
const marks = { ok: "✔", warning: "!", problem: "✖" } as const;

/** It does not open the instance as other commands do: whatever is wrong with it is what is asked. */
export const doctorCommand: Command = async (environment) => {
  const { configurationFile, catalogue, verbose } = environment;
  const diagnosis = await diagnose(configurationFile, withoutEvents(environment));
  const findings = diagnosis.groups.flatMap((group) => group.findings);
  const problems = findings.filter(({ level }) => level === "problem").length;
  const warnings = findings.filter(({ level }) => level === "warning").length;
  environment.print(textOf(diagnosis, { problems, warnings }, catalogue), {
    type: "doctor",
    instance: diagnosis.instance,
    problems,
    warnings,
    findings: findings.map((finding) => valueOf(finding, finding.check, catalogue)),
  });
  if (verbose) {
    for (const finding of findings) {
      if ("error" in finding) process.stderr.write(`${printable(inspect(finding.error))}\n`);
    }
  }
  return problems > 0 ? exit.refused : exit.done;
};

interface Words {
  readonly what: string;
  readonly why: string | null;
  readonly fix: string | null;
}

function wordsOf(finding: Finding, catalogue: Catalogue): Words {
  const { fine, trouble, reasons } = catalogue.doctor;
  if ("error" in finding) {
    const { what, next } = finding.error.describe(catalogue);
    return { what, why: reasons[finding.reason], fix: next };
  }
  if (finding.level === "ok") {
    const text = fine[finding.code] as (facts: object) => string;
    return { what: text(finding.facts), why: null, fix: null };
  }
  const text = trouble[finding.code] as (facts: object) => Words;
  return text(finding.facts);
}

function valueOf(finding: Finding, check: string, catalogue: Catalogue) {
  const known =
    "error" in finding
      ? { code: finding.error.code, facts: finding.error.parameters }
      : { code: finding.code, facts: finding.facts };
  const { level } = finding;
  return { ...known.facts, check, code: known.code, level, ...wordsOf(finding, catalogue) };
}

function textOf(
  { instance, groups }: Diagnosis,
  { problems, warnings }: { readonly problems: number; readonly warnings: number },
  catalogue: Catalogue,
): string {
  const { doctor } = catalogue;
  const told = groups.filter(({ findings }) => findings.length > 0);
  return [
    doctor.title(instance),
    ...told.flatMap(({ name, findings }) => [
      "",
      doctor.groups[name],
      ...findings.flatMap((finding) => linesOf(finding, catalogue)),
    ]),
    "",
    doctor.summary(problems, warnings),
  ].join("\n");
}

/** One line for what is fit, three for what is not; a command is never broken. */
function linesOf(finding: Finding, catalogue: Catalogue): string[] {
  const { what, why, fix } = wordsOf(finding, catalogue);
  const indented = (text: string) =>
    wrapAnsi(text, width - 4)
      .split("\n")
      .map((line) => `    ${line}`);
  const [first = "", ...more] = indented(what);
  return [
    `  ${marks[finding.level]} ${first.trimStart()}`,
    ...more,
    ...(why === null ? [] : indented(why)),
    ...(fix === null ? [] : [`    → ${fix}`]),
  ];
}
