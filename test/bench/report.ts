import { seconds, tableOf } from "../support/table.ts";
import type { ByHand, Measured, Moved, Seen } from "./measure.ts";

/** Steps that users wait for, in order, with the names people know them by. */
const holdSteps = {
  "close-gate": "drain",
  fence: "fence",
  "catch-up": "catch-up",
  promote: "promote",
  migrate: "migrate",
  "publish-changes": "publish",
  boot: "boot",
  probe: "probe",
  "publish-boot": "publish boot",
  commit: "switch",
} as const;

/** Times grow with the size of the database by less than this, or the bench fails. */
const allowedRatio = 1.3;

export interface Verdict {
  readonly what: string;
  readonly passed: boolean;
}

/** Both kinds of times in milliseconds: the middle one of several runs. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

const hold = (runs: readonly Moved[]) => median(runs.map(({ operation }) => operation.hold ?? 0));
const step = (runs: readonly Moved[], name: string) =>
  median(runs.map(({ operation }) => operation.steps[name] ?? 0));
const took = (runs: readonly Moved[]) => median(runs.map(({ operation }) => operation.took));
const longest = (runs: readonly Seen[]) => Math.max(...runs.map(({ longestWait }) => longestWait));
const outage = (runs: readonly Seen[]) => Math.max(...runs.map((run) => run.outage));
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

export function verdictsOf(measured: readonly Measured[]): readonly Verdict[] {
  const smallest = measured.at(0);
  const biggest = measured.at(-1);
  if (!smallest || !biggest) return [];
  const ratio = hold(biggest.swaps) / hold(smallest.swaps);
  const failed = sum(
    measured.flatMap(({ swaps, rollbacks }) => [...swaps, ...rollbacks].map((run) => run.failed)),
  );
  const wrong = sum(
    measured.flatMap(({ swaps, rollbacks }) =>
      [...swaps, ...rollbacks].map(({ writesWrong }) => writesWrong),
    ),
  );
  return [
    { what: `no request failed while the updater worked (${failed})`, passed: failed === 0 },
    {
      what: `no acknowledged write was lost or done twice (${wrong})`,
      passed: wrong === 0,
    },
    ...(measured.length > 1
      ? [
          {
            what: `hold at ${biggest.megabytes} MB ÷ hold at ${smallest.megabytes} MB = ${ratio.toFixed(2)}, at most ${allowedRatio}`,
            passed: ratio <= allowedRatio,
          },
        ]
      : []),
    ...measured.map(({ megabytes, swaps, naive, book }) => ({
      what: `${megabytes} MB: users wait less than with either other way`,
      passed: outage(swaps) < Math.min(naive.outage, book.outage),
    })),
  ];
}

export function textOf(measured: readonly Measured[]): string {
  const sizes = measured.map(({ megabytes }) => `${megabytes} MB`);
  const compared = measured.length > 1;
  const row = (name: string, of: (one: Measured) => number): string[] => {
    const values = measured.map(of);
    const ratio = (values.at(-1) ?? 0) / (values[0] ?? 1);
    return [name, ...values.map(seconds), ...(compared ? [ratio.toFixed(2)] : [])];
  };
  const count = (name: string, of: (one: Measured) => number): string[] => [
    name,
    ...measured.map((one) => String(of(one))),
    ...(compared ? [""] : []),
  ];
  const updater = [
    ["The updater", ...sizes, ...(compared ? ["ratio"] : [])],
    count("database, megabytes", ({ databaseBytes }) => Math.round(databaseBytes / 2 ** 20)),
    row("clone", ({ swaps }) => step(swaps, "clone-database")),
    row("hold", ({ swaps }) => hold(swaps)),
    ...Object.entries(holdSteps).map(([name, title]) =>
      row(`  ${title}`, ({ swaps }) => step(swaps, name)),
    ),
    row("longest wait of a request", ({ swaps }) => longest(swaps)),
    row("swap, whole command", ({ swaps }) => took(swaps)),
    row("rollback: hold", ({ rollbacks }) => hold(rollbacks)),
    row("rollback: longest wait of a request", ({ rollbacks }) => longest(rollbacks)),
    row("rollback, whole command", ({ rollbacks }) => took(rollbacks)),
    count("requests", ({ swaps, rollbacks }) =>
      sum([...swaps, ...rollbacks].map((run) => run.requests)),
    ),
    count("failed requests", ({ swaps, rollbacks }) =>
      sum([...swaps, ...rollbacks].map((run) => run.failed)),
    ),
  ];
  const ways = [
    ["Without an answer for", ...sizes, ...(compared ? ["ratio"] : [])],
    row("the updater", ({ swaps }) => outage(swaps)),
    row("a naive swap", ({ naive }) => naive.outage),
    row("the documented procedure", ({ book }) => book.outage),
  ];
  const failed = [
    ["Failed requests", ...sizes],
    ...(
      [
        ["the updater", ({ swaps }: Measured) => sum(swaps.map((run) => run.failed))],
        ["a naive swap", ({ naive }: Measured) => naive.failed],
        ["the documented procedure", ({ book }: Measured) => book.failed],
      ] as const
    ).map(([name, of]) => [name, ...measured.map((one) => String(of(one)))]),
  ];
  return [
    tableOf(updater),
    tableOf(ways),
    tableOf(failed),
    tableOf(
      partsOf(
        "A naive swap",
        sizes,
        measured.map(({ naive }) => naive),
      ),
    ),
    tableOf(
      partsOf(
        "The documented procedure",
        sizes,
        measured.map(({ book }) => book),
      ),
    ),
    verdictsOf(measured)
      .map(({ what, passed }) => `${passed ? "✓" : "✗"} ${what}`)
      .join("\n"),
  ].join("\n\n");
}

function partsOf(title: string, sizes: readonly string[], runs: readonly ByHand[]): string[][] {
  const names = Object.keys(runs[0]?.parts ?? {});
  return [
    [title, ...sizes],
    ...names.map((name) => [name, ...runs.map(({ parts }) => seconds(parts[name]))]),
  ];
}
