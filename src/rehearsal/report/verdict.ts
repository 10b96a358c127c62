import { usableShare } from "../../runner/hold.ts";
import type { RehearsalFacts } from "../rehearsal-context.ts";
import {
  blockingCodes,
  type FactsOf,
  type Finding,
  type FindingCode,
  type PageReport,
  type RehearsalReport,
  type TableReport,
  type Verdict,
} from "./model.ts";

/** What the verdict is made from: all of a report but the verdict. */
type Facts = Omit<RehearsalReport, "verdict" | "findings"> &
  Required<Pick<RehearsalFacts, "droppedValues" | "mappingFailures">> & {
    readonly noUser: boolean;
  };

/** A page that is slow all of a sudden: at least so many milliseconds, and so many times what it was. */
const slow = { milliseconds: 1_000, times: 3 };

/** Share of `hold.max` from which on the prediction is worth a remark. */
const near = 0.5;

/** Tables in which Django keeps its own books: a release may rewrite them as it likes. */
const books = new Set([
  "django_migrations",
  "django_content_type",
  "auth_permission",
  "django_session",
]);

/**
 * Everything a person should know before a swap, the blocking ones first.
 * @param longestLockMs what a migration may lock a table for
 */
export function findingsOf(facts: Facts, longestLockMs: number): Finding[] {
  const findings: Finding[] = [
    ...(facts.failure ? [found("release-fails", facts.failure)] : []),
    ...facts.tables.filter(({ table }) => !books.has(table)).flatMap(tableFindings),
    ...facts.droppedValues.map((dropped) => found("column-dropped", dropped)),
    ...facts.sequences
      .filter(({ behind }) => behind)
      .map(({ sequence }) => found("sequence-behind", { sequence })),
    ...facts.constraints.map(({ table, constraint, rows }) =>
      found("constraint-broken", { table, constraint, rows }),
    ),
    ...migrations(facts, longestLockMs),
    ...hold(facts),
    ...facts.pages.flatMap(pageFindings),
    ...(facts.noUser ? [found("no-user-to-probe", {})] : []),
    ...rollback(facts),
    ...facts.mappingFailures.map((failed) => found("mapping-fails", failed)),
    ...settings(facts),
    ...needs(facts),
  ];
  return [...blockingOf(findings), ...findings.filter(({ severity }) => severity === "remark")];
}

export function blockingOf(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ severity }) => severity === "blocking");
}

export function verdictOf(findings: readonly Finding[]): Verdict {
  if (blockingOf(findings).length > 0) return "not-ready";
  return findings.length > 0 ? "remarks" : "ready";
}

function tableFindings(report: TableReport): Finding[] {
  const { table, before, migrated, booted, droppedBy, changed } = report;
  const values = changed.flatMap(({ column, kind, rows }): Finding[] => {
    if (kind === "changed") return [found("values-changed", { table, column, rows })];
    return kind === "filled" ? [found("values-filled", { table, column, rows })] : [];
  });
  // One that migrations make anew under its name is compared like any other.
  if (droppedBy === "migration" && migrated === null) {
    const dropped = { table, rows: before ?? 0, by: droppedBy };
    return before ? [found("table-dropped", dropped), ...values] : values;
  }
  if (droppedBy === "boot") {
    const rows = migrated ?? before ?? 0;
    // One that boot makes again is lost all the same, unless its rows are there again; one that it does
    // not make again speaks of the wrong local settings, even when it was empty.
    const lost = booted === null || rows > booted;
    return lost ? [found("table-dropped", { table, rows, by: droppedBy }), ...values] : values;
  }
  return [...rowFindings(report), ...values];
}

function rowFindings({ table, before, migrated, booted, removed }: TableReport): Finding[] {
  if (before === null || migrated === null) return [];
  const lost = removed ?? Math.max(0, before - migrated);
  if (lost > 0) return [found("rows-lost", { table, rows: lost, before, by: "migration" })];
  if (booted === null || booted >= migrated) return [];
  return [found("rows-lost", { table, rows: migrated - booted, before: migrated, by: "boot" })];
}

function migrations({ migrations, tables }: Facts, limit: number): Finding[] {
  const withRows = new Set(tables.filter(({ before }) => before).map(({ table }) => table));
  const findings = migrations.flatMap(({ name: migration, locks, rewrites }): Finding[] => {
    const longest = new Map<string, number>();
    for (const { table, milliseconds } of locks) {
      longest.set(table, Math.max(milliseconds, longest.get(table) ?? 0));
    }
    return [
      ...[...longest]
        .filter(([, milliseconds]) => milliseconds > limit)
        .map(([table, milliseconds]) =>
          found("long-lock", { migration, table, milliseconds, limit }),
        ),
      ...rewrites
        .filter((table) => withRows.has(table))
        .map((table) => found("rewrites-table", { migration, table })),
    ];
  });
  const irreversible = migrations.filter(({ reversible }) => !reversible).map(({ name }) => name);
  if (irreversible.length === 0) return findings;
  return [...findings, found("irreversible", { migrations: irreversible })];
}

function hold({ hold }: Facts): Finding[] {
  if (!hold) return [];
  const { total: predicted, max } = hold;
  if (predicted > usableShare * max) return [found("hold-too-long", { predicted, max })];
  return predicted > near * max ? [found("hold-near-limit", { predicted, max })] : [];
}

function pageFindings({
  page,
  signedIn,
  before,
  after,
  sqlErrors,
  differing = 0,
}: PageReport): Finding[] {
  if (!after) return [];
  const { status, milliseconds } = after;
  if (status !== 200) {
    const failedBefore = before !== null && before.status !== 200;
    return failedBefore
      ? [found("page-failed-before", { page, status })]
      : [found("page-fails", { page, status, signedIn })];
  }
  const refused = [
    ...sqlErrors.map((message) => found("sql-error", { page, message })),
    ...(differing > 0 ? [found("page-differs", { page, lines: differing })] : []),
  ];
  const slower =
    before !== null &&
    milliseconds >= slow.milliseconds &&
    milliseconds >= slow.times * before.milliseconds;
  if (!slower) return refused;
  const times = { before: before.milliseconds, after: milliseconds };
  return [...refused, found("page-slower", { page, ...times })];
}

function rollback({ rollback }: Facts): Finding[] {
  const of = (kind: "lossy" | "impossible") =>
    rollback.filter((table) => table.class === kind).map(({ table }) => table);
  const [lossy, impossible] = [of("lossy"), of("impossible")];
  return lossy.length + impossible.length === 0
    ? []
    : [found("rollback-loses", { lossy, impossible })];
}

/** Only what the site may have to act upon: a new setting it does not have, a gone one it still has. */
function settings({ comparison }: Facts): Finding[] {
  const names = (kind: "added" | "removed", inSite: boolean) => [
    ...new Set(
      comparison.settings.changes
        .filter((change) => change.kind === kind && change.inSite === inSite)
        .map(({ name }) => name),
    ),
  ];
  const [added, removed] = [names("added", false), names("removed", true)];
  return [
    ...(added.length > 0 ? [found("settings-added", { names: added })] : []),
    ...(removed.length > 0 ? [found("settings-removed", { names: removed })] : []),
  ];
}

function needs({ needs: { disk, memory } }: Facts): Finding[] {
  return [
    ...(disk.free < disk.needed ? [found("disk-short", disk)] : []),
    ...(memory.free < memory.needed ? [found("memory-short", memory)] : []),
  ];
}

function found<Code extends FindingCode>(code: Code, facts: FactsOf<Code>): Finding {
  const blocks = blockingCodes.some((blocking) => blocking === code);
  return { severity: blocks ? "blocking" : "remark", code, ...facts } as Finding;
}
