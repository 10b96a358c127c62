import { mayRefuse, type RollbackReason } from "../rollback-classes.ts";
import type { Firing, Table } from "../schema.ts";
import { matchColumns, type Pair } from "../schema-match.ts";
import { isInteger, rangeOf } from "../value-types.ts";

/** Its own name, and the one it has while another has that. */
export type Aside = readonly [own: string, aside: string];

export interface FollowedTable {
  /** Of the previous database. */
  readonly oid: number;
  /** Its name in the serving database, which it has while it follows. */
  readonly name: string;
  /** Its own name. */
  readonly own: string;
  /** The primary key's columns, in the serving database. */
  readonly key: readonly KeyColumn[];
  readonly columns: readonly FollowedColumn[];
  /** Columns of both that only the serving database computes, so that nothing of them is sent; absent in older plans. */
  readonly computed?: readonly string[];
  /** Columns of its own that the serving database does not have, by the names they have while it follows. */
  readonly gone: readonly string[];
  /** Columns of its own whose name another one has while it follows; absent in older plans. */
  readonly aside?: readonly Aside[];
  /** What the site puts into columns of its own, by the names they have while it follows. */
  readonly mapped: readonly {
    /** As people know it. */
    readonly name: string;
    readonly column: string;
    readonly type: string;
    readonly expression: string;
  }[];
  /** What of it would act again on what arrives, and rests while it follows; absent in older plans. */
  readonly firing?: readonly Firing[];
  /** Columns of its own, by their own names, that only the database may give a number. */
  readonly numbered: readonly string[];
  /** It may refuse a row, or has values to convert. */
  readonly guarded: boolean;
  /** What was written to it must be compared before it is said that nothing is lost. */
  readonly compared: boolean;
  /** Migrations have changed rows of it: what was written since carries what they made. */
  readonly changed: boolean;
  /** Only what was written before users came arrives for it: the serving database does not have it any more. */
  readonly retired?: true;
}

interface KeyColumn {
  readonly name: string;
  readonly type: string;
  /** The least and the greatest number that the previous database has room for, where that is less; others are not sent. */
  readonly room?: readonly [least: string, greatest: string];
}

/** A column of the serving database. */
export type FollowedColumn =
  | {
      readonly kind: "same";
      readonly name: string;
      readonly own: string;
      /** In the serving database. */
      readonly type: string;
    }
  /** It arrives as text, beside the column of its own that takes what can be converted. */
  | {
      readonly kind: "converted";
      readonly name: string;
      readonly own: string;
      /** What its own column is called while it follows. */
      readonly parked: string;
      readonly type: string;
      readonly ownType: string;
    }
  /** It arrives as text and is not kept. */
  | {
      readonly kind: "unknown";
      readonly name: string;
      readonly type: string;
      /** What the migrations gave all rows there were, as text; undefined when they had several values. */
      readonly fill?: string | null;
      /** What the previous version computes in its place: a column of its own. */
      readonly computed?: string;
    };

/**
 * How a table follows that can.
 * @param why what speaks against it all the same
 * @param expressions what the site puts into columns of the previous version
 * @param changed as `FollowedTable` has it
 */
export function followedTable(
  pair: Pair<Table>,
  why: readonly RollbackReason[],
  expressions: Readonly<Record<string, string>>,
  changed: boolean,
): FollowedTable {
  const { before, after } = pair;
  const columns = followedColumns(pair, why);
  const aside = asideColumns(before, columns);
  const named = new Map(aside);
  const nameOf = (own: string) => named.get(own) ?? own;
  return {
    oid: before.oid,
    name: after.name,
    own: before.name,
    key: after.primaryKey.map((number) => keyColumn(pair, number)),
    columns,
    computed: computedColumns(pair, expressions),
    mapped: mappedColumns(before, columns, expressions).map((one) => ({
      ...one,
      column: nameOf(one.column),
    })),
    gone: matchColumns(before, after)
      .gone.filter(({ generated }) => !generated)
      .map(({ name }) => nameOf(name)),
    aside,
    firing: before.firing,
    numbered: before.columns.flatMap(({ identity, name }) => (identity === "always" ? name : [])),
    guarded: why.some(({ kind }) => mayRefuse.has(kind)),
    compared: why.some(({ kind }) => kind !== "column-gone"),
    changed,
  };
}

function followedColumns(
  { before, after }: Pair<Table>,
  reasons: readonly RollbackReason[],
): FollowedColumn[] {
  const { pairs, come } = matchColumns(before, after);
  const named = (kind: "type" | "mapped") =>
    new Set(reasons.flatMap((reason) => (reason.kind === kind ? [reason.column] : [])));
  const [converted, mapped] = [named("type"), named("mapped")];
  const keys = new Set(after.primaryKey);
  return [
    ...pairs.flatMap(({ before: own, after: column }): FollowedColumn[] => {
      const { name, type } = column;
      // Not replicated; each side computes its own.
      if (column.generated) return [];
      // What the old version computes cannot be written to.
      if (own.generated) return [{ kind: "unknown", name, type, computed: own.name }];
      // Rows are found by their key as it arrives.
      if (!(converted.has(name) || mapped.has(own.name)) || keys.has(column.number)) {
        return [{ kind: "same", name, own: own.name, type }];
      }
      const parked = `updater_${own.number}`;
      return [{ kind: "converted", name, own: own.name, parked, type, ownType: own.type }];
    }),
    ...come
      .filter(({ generated }) => !generated)
      .map(({ name, type }) => ({ kind: "unknown", name, type }) as const),
  ];
}

/** Columns that have no place among those that follow, and a name that one of these needs. */
function asideColumns(before: Table, columns: readonly FollowedColumn[]): Aside[] {
  const placed = new Set(columns.flatMap((one) => (one.kind === "unknown" ? [] : [one.own])));
  const needed = new Set(columns.map(({ name }) => name));
  return before.columns
    .filter(({ name }) => needed.has(name) && !placed.has(name))
    .map(({ name, number }) => [name, `updater_${number}`]);
}

/** Those that the previous version writes, and the site has no other value for. */
function computedColumns(
  { before, after }: Pair<Table>,
  expressions: Readonly<Record<string, string>>,
): NonNullable<FollowedTable["computed"]> {
  return matchColumns(before, after).pairs.flatMap(({ before: own, after: column }) =>
    column.generated && !own.generated && expressions[own.name] === undefined ? column.name : [],
  );
}

function mappedColumns(
  before: Table,
  columns: readonly FollowedColumn[],
  expressions: Readonly<Record<string, string>>,
): FollowedTable["mapped"] {
  return before.columns.flatMap(({ name, type }) => {
    const expression = expressions[name];
    if (expression === undefined) return [];
    const column = columns.find((one) => one.kind !== "unknown" && one.own === name);
    // Rows are found by their key as it arrives.
    if (column && column.kind !== "converted") return [];
    return [{ name: column?.name ?? name, column: column?.parked ?? name, type, expression }];
  });
}

function keyColumn({ before, after }: Pair<Table>, number: number): KeyColumn {
  const pair = matchColumns(before, after).pairs.find((one) => one.after.number === number);
  if (!pair) throw new Error(`${after.name} has no column ${number}`);
  const { name, type } = pair.after;
  const narrower = pair.before.type !== type && isInteger(pair.before.type);
  return { name, type, ...(narrower ? { room: rangeOf(pair.before.type) } : {}) };
}
