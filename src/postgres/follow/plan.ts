import {
  aboutItself,
  classesOf,
  classifyTables,
  isImpossible,
  mayRefuse,
  type Migrated,
  type RollbackMap,
  type TableRollback,
} from "../rollback-classes.ts";
import type { Schema } from "../schema.ts";
import { matchRules, matchTables } from "../schema-match.ts";
import { type Aside, type FollowedTable, followedTable } from "./followed-table.ts";

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

/** What happened to the serving database before users came. */
export interface Touched extends Migrated {
  /** Tables that were published after the migrations and that the first boot dropped: what it wrote to them before arrives. */
  readonly retired?: readonly FollowedTable[] | undefined;
}

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
  const present = matchTables(old.tables, now.tables).pairs.flatMap((pair): FollowedTable[] => {
    const { name } = pair.after;
    const why = reasons.get(name);
    if (!why || why.some(isImpossible)) return [];
    const changed = migrated.changed.includes(name);
    return [followedTable(pair, why, map[pair.before.name] ?? {}, changed)];
  });
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
    const other = later.get(oid);
    const tables = { otherTable: other?.oid !== oid };
    const kept = matchRules(constraints, other?.constraints ?? [], tables).pairs;
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

/** Tables that do not follow, and whose name one that does needs. */
function asideTables(old: Schema, followed: readonly FollowedTable[]): Aside[] {
  const follows = new Set(followed.map(({ oid }) => oid));
  const needed = new Set(followed.map((table) => table.name));
  return old.tables
    .filter(({ oid, name }) => !follows.has(oid) && needed.has(name))
    .map(({ oid, name }) => [name, `updater_${oid}`]);
}

/** Tables of an earlier plan that are not in this one: nothing that arrives for one is to stop the others. */
export function retiredTables(earlier: FollowPlan, { tables }: FollowPlan): FollowedTable[] {
  return earlier.tables
    .filter(({ oid, name }) => !tables.some((table) => table.oid === oid || table.name === name))
    .map((table) => ({ ...table, guarded: true, retired: true }));
}
