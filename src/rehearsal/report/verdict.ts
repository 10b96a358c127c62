import type { Finding, RehearsalReport, TableReport, Verdict } from "./model.ts";

/** What the verdict is made from: all of a report but the verdict. */
export type Facts = Omit<RehearsalReport, "verdict" | "findings"> & {
  /** Rows that had a value in a column that migrations dropped. */
  readonly droppedValues: readonly { table: string; column: string; rows: number }[];
  /** Expressions of `rollback.map` that do not do. */
  readonly mappingFailures: readonly { table: string; column: string; reason: string }[];
  readonly noUser: boolean;
};

/** Milliseconds a migration may lock a table. */
export interface Limits {
  readonly longestLock: number;
}

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

/** Everything a person should know before a swap, the blocking ones first. */
export function findingsOf(facts: Facts, limits: Limits): Finding[] {
  const findings: Finding[] = [
    ...failure(facts),
    ...facts.tables.filter(({ table }) => !books.has(table)).flatMap(tableFindings),
    ...facts.droppedValues.map((dropped): Finding => ({
      severity: "remark",
      code: "column-dropped",
      ...dropped,
    })),
    ...facts.sequences
      .filter(({ behind }) => behind)
      .map(({ sequence }): Finding => ({
        severity: "blocking",
        code: "sequence-behind",
        sequence,
      })),
    ...facts.constraints.map(({ table, constraint, rows }): Finding => ({
      severity: "blocking",
      code: "constraint-broken",
      table,
      constraint,
      rows,
    })),
    ...migrations(facts, limits),
    ...hold(facts),
    ...pages(facts),
    ...rollback(facts),
    ...facts.mappingFailures.map((failed): Finding => ({
      severity: "remark",
      code: "mapping-fails",
      ...failed,
    })),
    ...settings(facts),
    ...needs(facts),
  ];
  const blocking = findings.filter(({ severity }) => severity === "blocking");
  return [...blocking, ...findings.filter(({ severity }) => severity === "remark")];
}

export function verdictOf(findings: readonly Finding[]): Verdict {
  if (findings.some(({ severity }) => severity === "blocking")) return "not-ready";
  return findings.length > 0 ? "remarks" : "ready";
}

function failure({ failure }: Facts): Finding[] {
  return failure ? [{ severity: "blocking", code: "release-fails", ...failure }] : [];
}

function tableFindings(report: TableReport): Finding[] {
  const { table, before, migrated, booted, droppedBy, removed, changed } = report;
  const findings: Finding[] = [];
  // One that migrations make anew under its name is compared like any other.
  if (droppedBy === "migration" && migrated === null) {
    if (before)
      findings.push({
        severity: "blocking",
        code: "table-dropped",
        table,
        rows: before,
        by: droppedBy,
      });
  } else if (droppedBy === "boot") {
    const gone = migrated ?? before ?? 0;
    // One that boot makes again is lost all the same, unless its rows are there again; one that it does
    // not make again speaks of the wrong local settings, even when it was empty.
    if (booted === null || gone > booted) {
      findings.push({
        severity: "blocking",
        code: "table-dropped",
        table,
        rows: gone,
        by: droppedBy,
      });
    }
  } else if (before !== null && migrated !== null) {
    const lost = removed ?? Math.max(0, before - migrated);
    if (lost > 0) {
      findings.push({
        severity: "blocking",
        code: "rows-lost",
        table,
        rows: lost,
        before,
        by: "migration",
      });
    } else if (booted !== null && booted < migrated) {
      const rows = migrated - booted;
      findings.push({
        severity: "blocking",
        code: "rows-lost",
        table,
        rows,
        before: migrated,
        by: "boot",
      });
    }
  }
  for (const { column, kind, rows } of changed) {
    if (kind === "changed") {
      findings.push({ severity: "blocking", code: "values-changed", table, column, rows });
    } else if (kind === "filled") {
      findings.push({ severity: "remark", code: "values-filled", table, column, rows });
    }
  }
  return findings;
}

function migrations({ migrations, tables }: Facts, { longestLock }: Limits): Finding[] {
  const withRows = new Set(tables.filter(({ before }) => before).map(({ table }) => table));
  const findings = migrations.flatMap(({ name, locks, rewrites }): Finding[] => {
    const longest = new Map<string, number>();
    for (const { table, milliseconds } of locks) {
      longest.set(table, Math.max(milliseconds, longest.get(table) ?? 0));
    }
    return [
      ...[...longest]
        .filter(([, milliseconds]) => milliseconds > longestLock)
        .map(([table, milliseconds]): Finding => ({
          severity: "blocking",
          code: "long-lock",
          migration: name,
          table,
          milliseconds,
          limit: longestLock,
        })),
      ...rewrites
        .filter((table) => withRows.has(table))
        .map((table): Finding => ({
          severity: "remark",
          code: "rewrites-table",
          migration: name,
          table,
        })),
    ];
  });
  const irreversible = migrations.filter(({ reversible }) => !reversible).map(({ name }) => name);
  if (irreversible.length > 0) {
    findings.push({ severity: "remark", code: "irreversible", migrations: irreversible });
  }
  return findings;
}

function hold({ hold }: Facts): Finding[] {
  if (!hold) return [];
  const { total: predicted, max } = hold;
  if (predicted > max) return [{ severity: "blocking", code: "hold-too-long", predicted, max }];
  if (predicted > near * max)
    return [{ severity: "remark", code: "hold-near-limit", predicted, max }];
  return [];
}

function pages({ pages, noUser }: Facts): Finding[] {
  const findings = pages.flatMap(({ page, signedIn, before, after, sqlErrors }): Finding[] => {
    if (!after) return [];
    const failedBefore = before !== null && before.status !== 200;
    if (after.status !== 200) {
      const { status } = after;
      return failedBefore
        ? [{ severity: "remark", code: "page-failed-before", page, status }]
        : [{ severity: "blocking", code: "page-fails", page, status, signedIn }];
    }
    const found = sqlErrors.map((message): Finding => ({
      severity: "blocking",
      code: "sql-error",
      page,
      message,
    }));
    const slower =
      before !== null &&
      after.milliseconds >= slow.milliseconds &&
      after.milliseconds >= slow.times * before.milliseconds;
    if (!slower) return found;
    const times = { before: before.milliseconds, after: after.milliseconds };
    return [...found, { severity: "remark", code: "page-slower", page, ...times }];
  });
  if (noUser) findings.push({ severity: "remark", code: "no-user-to-probe" });
  return findings;
}

function rollback({ rollback }: Facts): Finding[] {
  const of = (kind: "lossy" | "impossible") =>
    rollback.filter((table) => table.class === kind).map(({ table }) => table);
  const [lossy, impossible] = [of("lossy"), of("impossible")];
  if (lossy.length + impossible.length === 0) return [];
  return [{ severity: "remark", code: "rollback-loses", lossy, impossible }];
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
    ...(added.length > 0
      ? [{ severity: "remark", code: "settings-added", names: added } as const]
      : []),
    ...(removed.length > 0
      ? [{ severity: "remark", code: "settings-removed", names: removed } as const]
      : []),
  ];
}

function needs({ needs: { disk, memory } }: Facts): Finding[] {
  return [
    ...(disk.free < disk.needed
      ? [{ severity: "remark", code: "disk-short", ...disk } as const]
      : []),
    ...(memory.free < memory.needed
      ? [{ severity: "remark", code: "memory-short", ...memory } as const]
      : []),
  ];
}
