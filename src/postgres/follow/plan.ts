import {
  aboutItself,
  classesOf,
  classifyTables,
  isImpossible,
  mayRefuse,
  type Migrated,
  type RollbackMap,
  type RollbackReason,
  type TableRollback,
} from "../rollback-classes.ts";
import type { Firing, Schema, Table } from "../schema.ts";
import { matchColumns, matchRules, matchTables, type Pair } from "../schema-match.ts";
import { isInteger, rangeOf } from "../value-types.ts";

/** How the previous generation's database is made to take what is written to the serving one. */
export interface FollowPlan {
  /** By name. */
  readonly tables: readonly FollowedTable[];
  /**
   * Tables of the previous database, by oid, in which a row may lack the row it refers to: they are put right
   * before users work with them.
   */
  readonly referring: readonly number[];
  /** Tables of the serving database of which not everything can be kept. */
  readonly notLossless: readonly TableRollback[];
  /** Tables of the serving database, by name, that the previous one has and that cannot follow. */
  readonly unfollowed: readonly string[];
  /** Tables of the previous database, by oid, that do not follow although the serving one has them; absent in older plans. */
  readonly left?: readonly number[];
  /** Foreign keys to tables that follow, which no longer keep these from being emptied at once; absent in older plans. */
  readonly loosened?: readonly Loosened[];
  /** Tables of the previous database whose name one that follows has meanwhile; absent in older plans. */
  readonly aside?: readonly Aside[];
}

/** Its own name, and the one it has while another has that. */
type Aside = readonly [own: string, aside: string];

/** A foreign key that the previous database is without while it follows: it would refuse a TRUNCATE. */
export interface Loosened {
  /** Oids, numbers of columns. */
  readonly child: number;
  readonly parent: number;
  readonly columns: readonly number[];
  readonly keys: readonly number[];
  /** Its table's own name, and its own. */
  readonly table: string;
  readonly name: string;
  /** By the tables' own names. */
  readonly definition: string;
}

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

/** What happened to the serving database before users came. */
export interface Touched extends Migrated {
  /** Tables that were published after the migrations and that the first boot dropped: what it wrote to them before arrives. */
  readonly retired?: readonly FollowedTable[] | undefined;
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
 * Works out which tables can follow, and how.
 * @param old the previous generation's schema, as its version made it
 * @param now the serving one's, after its migrations and its first boot
 * @param migrated what was done to it before users came
 * @param map what the site puts into columns of the previous version
 */
export function planFollowing(
  old: Schema,
  now: Schema,
  migrated: Touched,
  map: RollbackMap = {},
): FollowPlan {
  const reasons = classifyTables(old, now, migrated, map);
  const present = matchTables(old.tables, now.tables).pairs.flatMap(
    ({ before, after }): FollowedTable[] => {
      const why = reasons.get(after.name);
      if (!why || why.some(isImpossible)) return [];
      const columns = followedColumns({ before, after }, why);
      const computed = computedColumns({ before, after }, map[before.name] ?? {});
      const aside = asideColumns(before, columns, computed);
      const named = new Map(aside);
      return [
        {
          oid: before.oid,
          name: after.name,
          own: before.name,
          key: after.primaryKey.map((number) => keyColumn({ before, after }, number)),
          columns,
          computed: computed.map((column) => column.name),
          mapped: mappedColumns(before, columns, map[before.name] ?? {}).map((one) => ({
            ...one,
            column: named.get(one.column) ?? one.column,
          })),
          gone: matchColumns(before, after)
            .gone.filter(({ generated }) => !generated)
            .map(({ name }) => named.get(name) ?? name),
          aside,
          firing: before.firing,
          numbered: before.columns
            .filter(({ identity }) => identity === "always")
            .map(({ name }) => name),
          guarded: why.some(({ kind }) => mayRefuse.has(kind)),
          compared: why.some(({ kind }) => kind !== "column-gone"),
          changed: migrated.changed.includes(after.name),
        },
      ];
    },
  );
  const retired = (migrated.retired ?? []).filter(
    ({ oid, name }) => !present.some((table) => table.oid === oid || table.name === name),
  );
  const tables = [...present, ...retired];
  const referring = old.tables.filter(({ oid, name }) => {
    const table = tables.find((one) => one.oid === oid);
    const why = table && reasons.get(table.name);
    return !aboutItself.includes(name) && (!why || why.some(({ kind }) => mayLack.has(kind)));
  });
  return {
    tables,
    referring: referring.map(({ oid }) => oid),
    notLossless: classesOf(reasons).filter((table) => table.class !== "lossless"),
    left: matchTables(old.tables, now.tables).pairs.flatMap(({ before, after }) =>
      reasons.get(after.name)?.some(isImpossible) ? before.oid : [],
    ),
    unfollowed: [...reasons].flatMap(([name, why]) => (why.some(isImpossible) ? [name] : [])),
    loosened: loosenedKeys(old, now, tables),
    aside: asideTables(old, tables),
  };
}

/** A table is emptied together with those that refer to it; what does no longer, or does not follow, is not told. */
function loosenedKeys(
  old: Schema,
  now: Schema,
  followed: readonly Pick<FollowedTable, "oid">[],
): Loosened[] {
  const follows = (oid: number) => followed.some((table) => table.oid === oid);
  const later = new Map(
    matchTables(old.tables, now.tables).pairs.map(({ before, after }) => [before.oid, after]),
  );
  return old.tables.flatMap(({ oid, name: table, constraints }) => {
    const kept = matchRules(constraints, later.get(oid)?.constraints ?? []).pairs;
    const still = new Set(follows(oid) ? kept.map(({ before }) => before) : []);
    return constraints.flatMap((key): Loosened[] => {
      const { references: parent, columns, keys, name, definition } = key;
      if (parent === null || parent === oid || !follows(parent) || still.has(key)) return [];
      return [{ child: oid, parent, columns, keys, table, name, definition }];
    });
  });
}

/**
 * Reasons for which a row may refer to one that is not there: that one did not arrive, or the row itself has
 * kept a reference that the serving database does not know of, and nothing there keeps the other from going.
 */
const mayLack = mayRefuse.union(new Set(["column-gone", "referring"]));

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

/** Tables that do not follow, and whose name one that does needs. */
function asideTables(old: Schema, followed: readonly FollowedTable[]): Aside[] {
  const follows = new Set(followed.map(({ oid }) => oid));
  const needed = new Set(followed.map((table) => table.name));
  return old.tables
    .filter(({ oid, name }) => !follows.has(oid) && needed.has(name))
    .map(({ oid, name }) => [name, `updater_${oid}`]);
}

interface Computed {
  /** In the serving database, and here while it follows. */
  readonly name: string;
  readonly own: string;
}

/** Columns that only the serving database computes, and what is in the way of others' names. */
function asideColumns(
  before: Table,
  columns: readonly FollowedColumn[],
  computed: readonly Computed[],
): Aside[] {
  const sent = columns.flatMap((one) => (one.kind === "unknown" ? [] : [one.own]));
  const placed = new Set([...sent, ...computed.map(({ own }) => own)]);
  const needed = new Set([...columns, ...computed].map(({ name }) => name));
  const inTheWay = before.columns.filter(({ name }) => needed.has(name) && !placed.has(name));
  return [
    ...computed.map(({ own, name }): Aside => [own, name]),
    ...inTheWay.map(({ name, number }): Aside => [name, `updater_${number}`]),
  ];
}

/** Those that the previous version writes, and the site has no other value for. */
function computedColumns(
  { before, after }: Pair<Table>,
  expressions: Readonly<Record<string, string>>,
): Computed[] {
  return matchColumns(before, after).pairs.flatMap(({ before: own, after: { name, generated } }) =>
    generated && !own.generated && expressions[own.name] === undefined
      ? [{ name, own: own.name }]
      : [],
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

/** Tables of an earlier plan that are not in this one: nothing that arrives for one is to stop the others. */
export function retiredTables(earlier: FollowPlan, { tables }: FollowPlan): FollowedTable[] {
  return earlier.tables
    .filter(({ oid, name }) => !tables.some((table) => table.oid === oid || table.name === name))
    .map((table) => ({ ...table, guarded: true, retired: true }));
}

function keyColumn({ before, after }: Pair<Table>, number: number): KeyColumn {
  const pair = matchColumns(before, after).pairs.find((one) => one.after.number === number);
  if (!pair) throw new Error(`${after.name} has no column ${number}`);
  const { name, type } = pair.after;
  const narrower = pair.before.type !== type && isInteger(pair.before.type);
  return { name, type, ...(narrower ? { room: rangeOf(pair.before.type) } : {}) };
}
