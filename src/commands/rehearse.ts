import { exit } from "../errors.ts";
import { removeKeptRehearsal } from "../operations/tidy-remains.ts";
import type { Target } from "../release/target.ts";
import type { RehearsalContext } from "../rehearsal/rehearsal-context.ts";
import { rehearse } from "../rehearsal/rehearse.ts";
import { renderReport } from "../rehearsal/report/html/render.ts";
import { summaryOf } from "../rehearsal/report/summary.ts";
import { type Command, openInstance } from "./command.ts";
import { reportOperation, resultOf } from "./operation-report.ts";
import { refuseUnwritable, writeReport } from "./report-file.ts";

interface RehearseOptions {
  readonly keep?: boolean;
  /** Path of the HTML file to write. */
  readonly report?: string | undefined;
  /** Of an installation by hand: connects to its database as it does itself. */
  readonly asSite?: RehearsalContext["asSite"];
}

export const rehearseCommand =
  (choice: Target, { keep = false, report: file, asSite }: RehearseOptions): Command =>
  async (environment) => {
    const { catalogue, language, signal } = environment;
    // Before half an hour of work, not after.
    if (file !== undefined) await refuseUnwritable(file);
    const instance = await openInstance(environment);
    const { report, port, ...result } = await rehearse(
      instance,
      choice,
      { keep, language, asSite },
      signal,
    );
    if (!report) return reportOperation(environment, result, "");
    if (file !== undefined) await writeReport(file, renderReport(report, language));
    const url = port === undefined ? null : `http://127.0.0.1:${port}/`;
    const lines = [summaryOf(report, catalogue)];
    if (file !== undefined) lines.push(catalogue.rehearse.reportWritten(file));
    if (url !== null) lines.push(catalogue.rehearse.kept(url));
    const code = report.verdict === "not-ready" ? exit.refused : exit.done;
    environment.print(lines.join("\n"), {
      ...resultOf(result, code),
      verdict: report.verdict,
      url,
      report,
    });
    return code;
  };

/** `rehearse --remove` */
export const removeRehearsalCommand: Command = async (environment) => {
  const instance = await openInstance(environment, { changes: true });
  const removed = await removeKeptRehearsal(instance);
  environment.print(environment.catalogue.rehearse.removed(removed), {
    type: "rehearsal-removed",
    removed,
  });
};
