import type { RehearsalReport } from "../../src/rehearsal/report/model.ts";
import type { Operation } from "./updater.ts";

/** What a rehearsal found. */
export const reportOf = ({ result }: Operation) => result["report"] as RehearsalReport;

/** Codes of the findings for which a release is not ready. */
export function blocking(report: RehearsalReport): string[] {
  const found = report.findings.filter(({ severity }) => severity === "blocking");
  return [...new Set(found.map(({ code }) => code))];
}
