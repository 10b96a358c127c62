import { byName, type Column, type Rule, type Schema, type Table } from "./schema.ts";
import { looserRules, matchColumns, matchRules, matchTables, type Pair } from "./schema-match.ts";
import { isInteger, takesAll } from "./value-types.ts";

/** Whether the old version's database could take what is written to a table with the new version. */
export interface TableRollback {
  readonly table: string;
  readonly class: "lossless" | "lossy" | "impossible";
  readonly reasons: readonly RollbackReason[];
}

export type RollbackReason =
  | { readonly kind: "table-unknown" }
  /** No primary key, or another one: changes and deletions cannot be told apart. */
  | { readonly kind: "no-key" }
  /** Not logged (UNLOGGED) on one side at least: the new version began without its rows, or nothing of it is sent. */
  | { readonly kind: "unlogged" }
  /** Divided into partitions on one side at least. */
  | { readonly kind: "partitioned" }
  | { readonly kind: "column-unknown"; readonly column: string }
  /** The old version requires it, and the new one does not have it. */
  | { readonly kind: "column-required"; readonly column: string }
  /** The old version has it, does not require it, and the new one does not write it. */
  | { readonly kind: "column-gone"; readonly column: string }
  /** A column of the old version that the site has an expression for (`rollback.map`). */
  | { readonly kind: "mapped"; readonly column: string }
  | {
      readonly kind: "type";
      readonly column: string;
      readonly old: string;
      readonly new: string;
    }
  | { readonly kind: "null"; readonly column: string }
  | { readonly kind: "constraint"; readonly name: string; readonly definition: string }
  /** An index that only the old version has, and a value may be too long for, or not what it can compute with. */
  | { readonly kind: "index"; readonly name: string; readonly definition: string }
  /** It may hold the number of a large object, which is not in any table. */
  | { readonly kind: "large-object"; readonly column: string }
  /** Migrations changed or added rows of it. */
  | { readonly kind: "rows-changed" }
  /** Its rows refer to rows that might not be kept. */
  | { readonly kind: "referring"; readonly to: string };

/** Names of tables, as they are after the migrations, whose rows the migrations touched. */
export interface Migrated {
  /** Rows were changed or removed. */
  readonly changed: readonly string[];
  /** Rows were added. */
  readonly added: readonly string[];
}

/**
 * What the site puts into columns of the previous version: SQL over a row as the new version writes it, by
 * table and column, both by the names they have in the previous version.
 */
export type RollbackMap = Readonly<Record<string, Readonly<Record<string, string>>>>;

const order: readonly TableRollback["class"][] = ["impossible", "lossy", "lossless"];

/**
 * Which migrations ran, and which tables BiomAid's boot has made, are facts about one database: never replicated. A version
 * that boots again on one that was told of tables it does not have fails to make them.
 */
export const aboutItself: readonly string[] = ["django_migrations", "extable_table"];

/**
 * Whether the old version's database can take, while it follows the new one's, every row that is written
 * with the new version; one answer for each table of the new.
 */
export function rollbackClasses(
  old: Schema,
  now: Schema,
  migrated: Migrated,
  map: RollbackMap = {},
): TableRollback[] {
  return classesOf(classifyTables(old, now, migrated, map));
}

/** The classes that reasons make, what can be kept least first. */
export function classesOf(
  reasons: ReadonlyMap<string, readonly RollbackReason[]>,
): TableRollback[] {
  return [...reasons]
    .map(([table, reasons]): TableRollback => ({ table, class: classOf(reasons), reasons }))
    .sort(
      (one, other) =>
        order.indexOf(one.class) - order.indexOf(other.class) ||
        byName({ name: one.table }, { name: other.table }),
    );
}

/** As `rollbackClasses`: why what is written to a table might not be kept, by its new name. */
export function classifyTables(
  old: Schema,
  now: Schema,
  migrated: Migrated,
  map: RollbackMap,
): Map<string, RollbackReason[]> {
  const earlier = new Map(
    matchTables(old.tables, now.tables).pairs.map(({ before, after }) => [after, before]),
  );
  const reasons = new Map<string, RollbackReason[]>();
  for (const table of now.tables) {
    if (aboutItself.includes(table.name)) continue;
    const was = earlier.get(table);
    reasons.set(
      table.name,
      was ? reasonsOf(was, table, { old, now, map }, migrated) : [{ kind: "table-unknown" }],
    );
  }
  addReferring(old, new Map([...earlier].map(([is, was]) => [was.oid, is.name])), reasons);
  return reasons;
}

function classOf(reasons: readonly RollbackReason[]): TableRollback["class"] {
  if (reasons.some(isImpossible)) return "impossible";
  return reasons.some(({ kind }) => !harmless.has(kind)) ? "lossy" : "lossless";
}

/** The new version cannot write what it does not have, and what the site maps is as it wants it. */
const harmless: ReadonlySet<RollbackReason["kind"]> = new Set(["column-gone", "mapped"]);

/** Checked when a transaction ends, where nothing can be left out of it any more. */
const isLate = ({ definition }: Pick<Rule, "definition">) =>
  /^(UNIQUE|EXCLUDE|PRIMARY).* DEFERRABLE( INITIALLY DEFERRED)?$/.test(definition);

/** Nothing of the table can be kept up to date. */
export function isImpossible(reason: RollbackReason): boolean {
  if (reason.kind === "constraint") return isLate(reason);
  return ["no-key", "unlogged", "partitioned"].includes(reason.kind);
}

interface Sides {
  readonly old: Schema;
  readonly now: Schema;
  readonly map: RollbackMap;
}

function reasonsOf(
  was: Table,
  is: Table,
  sides: Sides,
  { changed, added }: Migrated,
): RollbackReason[] {
  const { pairs, gone, come } = matchColumns(was, is);
  const mapped = new Set(Object.keys(sides.map[was.name] ?? {}));
  const reasons: RollbackReason[] = [];
  if (was.partitioning !== null || is.partitioning !== null) reasons.push({ kind: "partitioned" });
  if (!was.logged || !is.logged) reasons.push({ kind: "unlogged" });
  if (!hasUsableKey(was, is, pairs)) reasons.push({ kind: "no-key" });
  for (const { before, after } of pairs) {
    if (mapped.has(before.name) && !is.primaryKey.includes(after.number)) {
      reasons.push({ kind: "mapped", column: before.name });
    } else reasons.push(...columnReasons(before, after, sides));
  }
  for (const { name: column, generated } of come) {
    // What is computed from other columns is not written by users.
    if (!generated) reasons.push({ kind: "column-unknown", column });
  }
  for (const column of gone) {
    // What the old version computes may fail on values that the new one, which does not, lets in.
    const required = column.generated || (column.notNull && !isFilled(column));
    const kind = mapped.has(column.name) ? "mapped" : required ? "column-required" : "column-gone";
    reasons.push({ kind, column: column.name });
  }
  reasons.push(...lostRules(was, is, gone));
  if ([...changed, ...added].includes(is.name)) reasons.push({ kind: "rows-changed" });
  return [...reasons, ...lateRules(was, is, reasons)];
}

/** Rows are found by their primary key, which has to arrive as the old version has it. */
function hasUsableKey(was: Table, is: Table, pairs: readonly Pair<Column>[]): boolean {
  const key = pairs.filter(({ after }) => is.primaryKey.includes(after.number));
  return (
    is.replicaIdentity === "default" &&
    key.length > 0 &&
    key.length === is.primaryKey.length &&
    key.length === was.primaryKey.length &&
    // Nothing of a table whose key is checked late may be published: users could not change its rows any more.
    ![...was.constraints, ...is.constraints].some((one) => isPrimary(one) && isLate(one)) &&
    !looserRules(matchRules(was.constraints, is.constraints, ofTables(was, is))).some(isPrimary) &&
    key.every(
      ({ before, after }) =>
        was.primaryKey.includes(before.number) &&
        !before.generated &&
        !after.generated &&
        (before.type === after.type || (isInteger(before.type) && isInteger(after.type))),
    )
  );
}

const isPrimary = ({ kind }: Table["constraints"][number]) => kind === "primary";
const ofTables = (was: Table, is: Table) => ({ otherTable: was.oid !== is.oid });

/** The database puts something in when a row leaves it out. */
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
  if (is.type === "oid") reasons.push({ kind: "large-object", column });
  if (was.notNull && !is.notNull) reasons.push({ kind: "null", column });
  return reasons;
}

function described({ type, generated, default: rule }: Column): string {
  return generated ? `${type} GENERATED ALWAYS AS (${rule})` : type;
}

/**
 * Rules that both have and nobody checks while rows arrive. The new version's rows obey them, but the old one's may be others:
 * where it may have refused one, or migrations have changed some.
 */
function lateRules(was: Table, is: Table, reasons: readonly RollbackReason[]): RollbackReason[] {
  if (!reasons.some(({ kind }) => mayRefuse.has(kind))) return [];
  return matchRules(was.constraints, is.constraints, ofTables(was, is)).pairs.flatMap(
    ({ before }) => {
      const { name, definition } = before;
      return isLate(before) ? { kind: "constraint", name, definition } : [];
    },
  );
}

/** What the old version demands of every row and the new one does not. */
function lostRules(was: Table, is: Table, gone: readonly Column[]): RollbackReason[] {
  const empty = new Set(
    gone.filter((column) => !column.notNull && !isFilled(column)).map(({ number }) => number),
  );
  // Rows that arrive have nothing in a column that is gone.
  const holds = ({ nullsPass, columns }: Rule) =>
    nullsPass && columns.some((number) => empty.has(number));
  const unique = (table: Table) => table.indexes.filter((index) => index.unique);
  const tables = ofTables(was, is);
  const constraints = matchRules(was.constraints, is.constraints, tables);
  const uniques = matchRules(unique(was), unique(is), tables);
  const rules = [
    ...constraints.gone,
    ...looserRules(constraints),
    ...uniques.gone,
    ...looserRules(uniques),
  ].filter((rule) => !holds(rule));
  const unwritten = new Set(gone.map(({ number }) => number));
  const others = matchRules(was.indexes, is.indexes, tables).gone.filter(
    ({ unique: rule, takesAll, columns }) =>
      !rule && !takesAll && !columns.every((number) => unwritten.has(number)),
  );
  return [
    ...rules.map(({ name, definition }) => ({ kind: "constraint", name, definition }) as const),
    ...others.map(({ name, definition }) => ({ kind: "index", name, definition }) as const),
  ];
}

/** Reasons for which the old version's table may refuse a row that arrives, or take it otherwise. */
export const mayRefuse: ReadonlySet<RollbackReason["kind"]> = new Set([
  "column-required",
  "mapped",
  "type",
  "null",
  "constraint",
  "index",
  "rows-changed",
]);

/** Reasons for which a row may be missing in the old version's database. */
const leaveOut = mayRefuse.union(new Set(["no-key", "unlogged", "partitioned", "referring"]));

/** A row cannot be kept without the one it refers to, nor what refers to it in turn. */
function addReferring(
  old: Schema,
  nowNames: ReadonlyMap<number, string>,
  reasons: Map<string, RollbackReason[]>,
): void {
  const complete = (oid: number) => {
    const known = reasons.get(nowNames.get(oid) ?? "");
    return known !== undefined && !known.some(({ kind }) => leaveOut.has(kind));
  };
  for (let found = true; found;) {
    found = false;
    for (const { oid, constraints } of old.tables) {
      const own = reasons.get(nowNames.get(oid) ?? "");
      if (!own || own.some(({ kind }) => kind === "referring")) continue;
      const to = constraints.find(
        ({ references }) => references !== null && references !== oid && !complete(references),
      );
      if (!to?.references) continue;
      const table = old.tables.find((one) => one.oid === to.references);
      own.push({ kind: "referring", to: nowNames.get(to.references) ?? table?.name ?? to.name });
      found = true;
    }
  }
}
