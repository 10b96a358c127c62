import type { RollbackReason, TableRollback } from "../report/model.ts";
import { byName, type Column, type Rule, type Schema, type Table } from "./schema.ts";
import { matchRules } from "./schema-match.ts";
import { takesAll } from "./value-types.ts";

const order: readonly TableRollback["class"][] = ["impossible", "lossy", "lossless"];

/** Which migrations ran is a fact about one database: never replicated. */
const neverPublished = "django_migrations";

/**
 * Whether the old version's database could take, by logical replication of the columns both sides have,
 * every row that is written with the new version; one answer for each table of the new.
 */
export function rollbackClasses(old: Schema, now: Schema): TableRollback[] {
  const earlier = new Map(old.tables.map((table) => [table.oid, table]));
  return now.tables
    .filter(({ name }) => name !== neverPublished)
    .map((table): TableRollback => {
      const was = earlier.get(table.oid);
      const reasons = was
        ? reasonsOf(was, table, { old, now })
        : [{ kind: "table-unknown" as const }];
      return { table: table.name, class: classOf(reasons), reasons };
    })
    .sort(
      (one, other) =>
        order.indexOf(one.class) - order.indexOf(other.class) ||
        byName({ name: one.table }, { name: other.table }),
    );
}

interface Sides {
  readonly old: Schema;
  readonly now: Schema;
}

function classOf(reasons: readonly RollbackReason[]): TableRollback["class"] {
  const kinds = reasons.map(({ kind }) => kind);
  if (kinds.some((kind) => kind === "table-renamed" || kind === "no-key")) return "impossible";
  // The new version cannot write what it does not have: nothing of anybody's is lost.
  return kinds.some((kind) => kind !== "column-gone") ? "lossy" : "lossless";
}

function reasonsOf(was: Table, is: Table, sides: Sides): RollbackReason[] {
  // Replication finds a table by its name.
  if (was.name !== is.name) return [{ kind: "table-renamed", from: was.name }];
  const earlier = new Map(was.columns.map((column) => [column.name, column]));
  const later = new Set(is.columns.map(({ name }) => name));
  return [
    ...(hasUsableKey(was, is) ? [] : [{ kind: "no-key" } as const]),
    ...is.columns.flatMap((column) => {
      const old = earlier.get(column.name);
      return old ? columnReasons(old, column, sides) : unknownColumn(column);
    }),
    ...was.columns.filter(({ name }) => !later.has(name)).flatMap(goneColumn),
    ...partitioning(was, is),
    ...lostRules(was, is, later),
  ];
}

/**
 * Changes and deletions need a key: the publisher refuses them, to its own users, when its columns are
 * not all published, and the subscriber stops when those of its own key do not arrive.
 */
function hasUsableKey(was: Table, is: Table): boolean {
  const named = (table: Table, numbers: readonly number[]) =>
    table.columns.filter(({ number }) => numbers.includes(number));
  const published = named(is, is.replica.columns);
  if (published.length === 0) return false;
  const known = new Map(was.columns.map((column) => [column.name, column]));
  const arrive = published.every(({ name, generated }) => {
    const column = known.get(name);
    return column !== undefined && !generated && !column.generated;
  });
  if (!arrive) return false;
  const wanted = named(
    was,
    was.replica.identity === "index" ? was.replica.columns : was.primaryKey,
  );
  if (wanted.length === 0) return is.replica.identity === "full";
  return wanted.every(({ name }) => published.some((column) => column.name === name));
}

/** What is computed from other columns is nobody's writing. */
function unknownColumn({ name, generated }: Column): RollbackReason[] {
  return generated ? [] : [{ kind: "column-unknown", column: name }];
}

function goneColumn(column: Column): RollbackReason[] {
  // What the old version computes may fail on values that the new one, which does not, lets in.
  const required = column.generated || (column.notNull && !isFilled(column));
  return [{ kind: required ? "column-required" : "column-gone", column: column.name }];
}

/** The database puts something in when nobody does. */
function isFilled({ default: expression, identity }: Column): boolean {
  return expression !== null || identity !== null;
}

function columnReasons(was: Column, is: Column, { old, now }: Sides): RollbackReason[] {
  const column = is.name;
  const reasons: RollbackReason[] = [];
  const types = { old: described(was), new: described(is) };
  // Generated columns are not replicated, nor can they be written to: each side computes its own.
  const computed = was.generated === is.generated && (!is.generated || was.default === is.default);
  const same = computed && takesAll(was.type, is.type, old.types, now.types);
  if (!same) reasons.push({ kind: "type", column, ...types });
  if (was.notNull && !is.notNull) reasons.push({ kind: "null", column });
  return reasons;
}

function described({ type, generated, default: rule }: Column): string {
  return generated ? `${type} GENERATED ALWAYS AS (${rule})` : type;
}

/** A row may belong to a partition that the old version does not have. */
function partitioning({ partitioning: was }: Table, is: Table): RollbackReason[] {
  if (was === is.partitioning) return [];
  const definition = `PARTITION BY ${was ?? is.partitioning}`;
  return [{ kind: "constraint", name: is.name, definition }];
}

/** What the old version demands of every row and the new one does not. */
function lostRules(was: Table, is: Table, later: ReadonlySet<string>): RollbackReason[] {
  const empty = new Set(
    was.columns
      .filter((column) => !later.has(column.name) && !column.notNull && !isFilled(column))
      .map(({ number }) => number),
  );
  // Rows that arrive have nothing in a column that is gone.
  const holds = ({ nullsPass, columns }: Rule) =>
    nullsPass && columns.some((number) => empty.has(number));
  const unique = (table: Table) => table.indexes.filter((index) => index.unique);
  return [
    ...matchRules(was.constraints, is.constraints).gone,
    ...matchRules(unique(was), unique(is)).gone,
  ]
    .filter((rule) => !holds(rule))
    .map(({ name, definition }) => ({ kind: "constraint", name, definition }));
}
