import cliTruncate from "cli-truncate";
import type { Catalogue } from "../../text/catalogue.ts";
import { findingText } from "./finding-text.ts";
import { isChanged, rowsAfter } from "./changed.ts";
import type { Finding, RehearsalReport } from "./model.ts";
import { blockingOf } from "./verdict.ts";

const columns = 80;
/** What fits one screen with everything around it. */
const mostFindings = 11;
const slowestShown = 3;
const longestName = 40;

/** What a rehearsal found, on one screen: the verdict first, the next command last. */
export function summaryOf(report: RehearsalReport, catalogue: Catalogue): string {
  const { report: text, steps } = catalogue;
  const { summary } = text;
  const { from, to, instance, failure, hold } = report;
  const lines = [
    verdict(report, text),
    summary.what(
      from.tag,
      to.tag,
      instance,
      report.data.at === "" ? null : text.moment(report.data.at),
    ),
    ...(failure ? [summary.failed(steps[failure.step])] : []),
    ...(hold ? [summary.wait(text.duration(hold.total), text.duration(hold.max))] : []),
    "",
    ...findings(report.findings, text),
    ...(report.findings.length > 0 ? [""] : []),
    ...counts(report, text),
    ...slowest(report, catalogue),
    ...back(report, text),
    "",
    ...next(report, summary),
  ];
  return lines.join("\n");
}

type Text = Catalogue["report"];

function verdict({ verdict, findings }: RehearsalReport, text: Text): string {
  const words = text.summary.verdict;
  const reasons = {
    ready: words.ready,
    remarks: words.remarks(findings.length),
    "not-ready": words["not-ready"](blockingOf(findings).length),
  };
  return `${text.verdicts[verdict]}${text.summary.colon}${reasons[verdict]}`;
}

/** One line each while they fit, otherwise one line for all of a code. */
function findings(all: readonly Finding[], text: Text): string[] {
  const { summary } = text;
  const groups =
    all.length <= mostFindings
      ? all.map((finding) => [finding])
      : [...Map.groupBy(all, ({ code }) => code).values()];
  const shown = groups.slice(0, groups.length > mostFindings ? mostFindings - 1 : mostFindings);
  const rest = groups.slice(shown.length).flat().length;
  return [
    ...shown.map(([finding, ...others]) => {
      const sign = finding!.severity === "blocking" ? "✖" : "!";
      const similar = others.length > 0 ? summary.similar(others.length) : "";
      const { what } = findingText(text.findings, finding!);
      const head = `${sign} [${finding!.code}] `;
      return `${head}${cliTruncate(oneLine(what), columns - head.length - similar.length)}${similar}`;
    }),
    ...(rest > 0 ? [`  ${summary.more(rest)}`] : []),
  ];
}

function counts({ migrations, tables }: RehearsalReport, { summary, duration }: Text): string[] {
  if (tables.length === 0) return [];
  const time = migrations.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const before = tables.reduce((sum, table) => sum + (table.before ?? 0), 0);
  const after = tables.reduce((sum, table) => sum + (rowsAfter(table) ?? 0), 0);
  return [
    summary.counts(
      migrations.length,
      duration(time),
      tables.length,
      tables.filter(isChanged).length,
      summary.rows(before, after),
    ),
  ];
}

/** What a swap spends its hold on; migrations by their names rather than as one step. */
function slowest({ migrations, hold }: RehearsalReport, catalogue: Catalogue): string[] {
  const { report: text, steps } = catalogue;
  const parts = [
    ...migrations.map(({ name, milliseconds }) => ({ name, milliseconds })),
    ...(hold?.parts ?? [])
      .filter(({ step }) => step !== "migrate" || migrations.length === 0)
      .map(({ step, milliseconds }) => ({ name: steps[step], milliseconds })),
  ].sort((one, other) => other.milliseconds - one.milliseconds);
  const lines: string[] = [];
  for (const { name, milliseconds } of parts.slice(0, slowestShown)) {
    const part = `${cliTruncate(name, longestName)} ${text.duration(milliseconds)}`;
    const line =
      lines.length === 0 ? `${text.summary.slowest}${part}` : `${lines.at(-1)} · ${part}`;
    if (lines.length === 0 || line.length <= columns) lines.push(line);
  }
  return lines.slice(-1);
}

function back({ rollback }: RehearsalReport, { summary }: Text): string[] {
  if (rollback.length === 0) return [];
  const of = (kind: (typeof rollback)[number]["class"]) =>
    rollback.filter((table) => table.class === kind).length;
  return [summary.back(of("lossless"), of("lossy"), of("impossible"))];
}

function next(report: RehearsalReport, summary: Text["summary"]): string[] {
  const { choice } = report;
  if (report.verdict !== "not-ready") return [`${summary.next}${summary.nextReady(choice)}`];
  const codes = new Set(blockingOf(report.findings).map(({ code }) => code));
  const first = `${summary.next}${summary.nextNot(choice)}`;
  // A release that fails fails in a swap too: there is nothing to insist on.
  return codes.has("release-fails") ? [first] : [first, summary.nextOverride(choice, [...codes])];
}

/** Messages of PostgreSQL and Python have lines of their own. */
const oneLine = (text: string) => text.replace(/\s*[\r\n]+\s*/g, " ");
