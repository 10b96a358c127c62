import type { RehearsalReport } from "../../src/rehearsal/report/model.ts";
import { summaryOf } from "../../src/rehearsal/report/summary.ts";
import { catalogueOf } from "../../src/text/catalogue.ts";
import type { LedgerReport } from "../support/ledger.ts";
import type { Ended } from "../support/operator.ts";
import type { LoadReport } from "../support/load.ts";
import { seconds, tableOf } from "../support/table.ts";

/** Something that must be so. */
export interface Check {
  readonly what: string;
  readonly passed: boolean;
  /** What was seen, where that says more. */
  readonly seen?: string;
}

/** What users saw while something was done. */
export interface Phase {
  readonly name:
    | "before"
    | "settings"
    | "local"
    | "rehearse"
    | "swap"
    | "since"
    | "rollback"
    | "after"
    | "forward"
    | "restore"
    | "stand-in"
    | "switch"
    | "again";
  readonly operation?: Ended;
  readonly load: LoadReport;
  /** Forms of one release sent to the other that BiomAid showed again; their users sent them twice. */
  readonly shownAgain: number;
  readonly ledger?: LedgerReport;
}

export interface Report {
  readonly from: string;
  readonly to: string;
  readonly phases: readonly Phase[];
  readonly rehearsal: RehearsalReport | undefined;
  readonly checks: readonly Check[];
  readonly passed: boolean;
}

/** Steps during which users wait, in order. */
const holdSteps = [
  "close-gate",
  "fence",
  "catch-up",
  "promote",
  "complete-media",
  "move-database",
  "migrate",
  "publish-changes",
  "boot",
  "probe",
  "publish-boot",
  "catch-up-previous",
  "return-writes",
  "commit",
];

export function ledgerChecks(what: string, ledger: LedgerReport): Check {
  const { missing, duplicated, altered, unknown } = ledger;
  const wrong = Object.entries({ missing, duplicated, altered, unknown }).filter(
    ([, keys]) => keys.length > 0,
  );
  const seen = wrong.map(([name, keys]) => `${keys.length} ${name}: ${keys.slice(0, 3).join(" ")}`);
  return {
    what,
    passed: wrong.length === 0,
    seen: wrong.length === 0 ? `${ledger.acknowledged} writes` : seen.join(", "),
  };
}

export function textOf({ from, to, phases, rehearsal, checks, passed }: Report): string {
  const found = ({ ledger }: Phase) =>
    ledger === undefined ? "–" : String(ledger.acknowledged - ledger.missing.length);
  const loads = phases.map((phase) => [
    phase.name,
    String(phase.load.requests),
    String(phase.load.failed),
    seconds(phase.load.waits.p50),
    seconds(phase.load.waits.longest),
    seconds(phase.operation?.hold),
    seconds(phase.operation?.took),
    String(phase.load.acknowledged),
    found(phase),
    String(phase.shownAgain),
  ]);
  const head = [
    "",
    "requests",
    "failed",
    "median",
    "longest",
    "hold",
    "command",
    "writes",
    "found",
    "shown again",
  ];
  const holds = phases.flatMap(({ name, operation }) =>
    operation === undefined
      ? []
      : [
          [
            name,
            ...holdSteps.map((step) => {
              const took = operation.steps[step];
              return took === undefined ? "–" : `${Math.round(took)}`;
            }),
          ],
        ],
  );
  const failures = phases.flatMap(({ name, load }) =>
    load.failures.map(
      ({ at, method, path, reason, afterMs }) =>
        `  ${name} ${at.toISOString()} ${method} ${path}: ${reason} after ${afterMs} ms`,
    ),
  );
  return [
    `BiomAid ${from} → ${to}`,
    tableOf([head, ...loads]),
    tableOf([["hold, milliseconds", ...holdSteps], ...holds]),
    ...(rehearsal ? [summaryOf(rehearsal, catalogueOf("en"))] : []),
    ...(failures.length > 0 ? [`Failed requests:\n${failures.join("\n")}`] : []),
    checks
      .map(({ what, passed, seen }) => `${passed ? "✓" : "✗"} ${what}${seen ? ` (${seen})` : ""}`)
      .join("\n"),
    passed ? "Passed." : "FAILED.",
  ].join("\n\n");
}
