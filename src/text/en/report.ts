import { rehearsalOf, swapTo } from "../typed.ts";
import { count, moment } from "./format.ts";
import { compact, duration, size } from "./measures.ts";
import { findings, rows } from "./report-findings.ts";
import { page } from "./report-page.ts";
import {
  authors,
  classes,
  classNames,
  columnChanges,
  reasons,
  schema,
  verdicts,
} from "./report-words.ts";

const many = (number: number, one: string) => `${count(number)} ${one}${number === 1 ? "" : "s"}`;

/** What a rehearsal found, in words: for the terminal's summary and the HTML report. */
export const report = {
  compact,
  count,
  duration,
  moment,
  size,
  findings,
  schema,
  reasons,
  classes,
  classNames,
  verdicts,
  authors,
  columnChanges,
  page,

  summary: {
    colon: ": ",
    verdict: {
      ready: "nothing speaks against this update.",
      remarks: (number: number) => `${many(number, "remark")} to read first.`,
      "not-ready": (number: number) => `${many(number, "reason")} against this update.`,
    },
    what: (from: string, to: string, instance: string, at: string | null) =>
      `${instance}: BiomAid ${from} → ${to}${at === null ? "" : `, on data of ${at}`}`,
    failed: (step: string) => `It ended at “${step}”; what comes after is not known.`,
    wait: (total: string, max: string) => `Users would wait about ${total} (hold.max: ${max}).`,
    similar: (number: number) => ` (+${number} alike)`,
    more: (number: number) => `… and ${number} more: see the report (--report FILE)`,
    counts: (migrations: number, time: string, tables: number, changed: number, rows: string) =>
      `${many(migrations, "migration")} in ${time} · ${many(tables, "table")}, ${changed} changed · ${rows}`,
    rows: (before: number, after: number) => `${count(before)} → ${rows(after)}`,
    slowest: "Slowest: ",
    back: (lossless: number, lossy: number, impossible: number) =>
      `Tables a rollback keeps: ${lossless} lossless, ${lossy} lossy, ${impossible} impossible`,
    next: "Next: ",
    nextReady: (choice: string) => swapTo(choice),
    nextNot: (choice: string) => `settle these reasons, then: ${rehearsalOf(choice)}`,
    nextOverride: (choice: string, codes: readonly string[]) =>
      `Or all the same: ${swapTo(choice)} ${codes.map((code) => `--override ${code}`).join(" ")}`,
  },
};
