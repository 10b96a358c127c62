import { escapeIdentifier as name } from "pg";
import { type Database, valueOf } from "../connect.ts";
import { countOf } from "../digest.ts";
import { followSchema } from "./apply-triggers.ts";
import { columnsOf, someAtATime, wantedRows } from "./by-key.ts";
import { aboutItself } from "../rollback-classes.ts";
import type { FollowedTable } from "./followed-table.ts";
import type { FollowPlan } from "./plan.ts";
import type { Counted } from "./publication.ts";
import { type Part, partsOf, type ServingTable } from "./serving-tables.ts";
import { unwritten } from "./written-rows.ts";

/** A table of the previous database, as it is while it follows. */
interface PreviousTable {
  readonly oid: number;
  /** For SQL. */
  readonly place: string;
  readonly parts: readonly Part[];
}

interface Known extends Counted {
  /** As the plan has it, where it follows. */
  readonly followed: FollowedTable | undefined;
  /** What an earlier look found, where nothing was written to the table since. */
  readonly earlier: number | undefined;
}

/**
 * How many rows of the previous database users have deleted from a table of the serving one, of which nothing arrives:
 * at most, where that was not counted. To be called inside `inTransaction` on both sides.
 */
export async function deletedRows(
  serving: Database,
  previous: Database,
  table: ServingTable,
  { followed, intact, touched, earlier }: Known,
): Promise<number> {
  const was = await previousTable(previous, table, followed?.oid);
  if (!was) return 0;
  const deleted = table.parts.reduce((sum, part) => sum + part.deleted, 0);
  const counted = intact && !isEmptied(table, was) ? deleted : undefined;
  if (counted === 0) return 0;
  if (counted === undefined && earlier !== undefined) return earlier;
  // Rows that came since are among those that were counted.
  if (followed)
    return Math.min(counted ?? Infinity, await missingKeys(serving, previous, followed));
  if (counted !== undefined) return counted;
  const all = await countOf(previous, was.place);
  // What the migrations added would stand for what was deleted.
  if (table.parts.some((part) => touched.has(part.name))) return all;
  return Math.max(0, all - (await countOf(serving, `${table.place} WHERE ${unwritten}`)));
}

const previousPart = (relation: string) =>
  `json_build_object('oid', ${relation}.oid::bigint, 'file', pg_relation_filenode(${relation}.oid)::bigint)`;

async function previousTable(
  previous: Database,
  { oid, schema, name: table }: ServingTable,
  followedOid = oid,
): Promise<PreviousTable | undefined> {
  // A copy of the database has the same oids. What is not logged came without rows: none of them can have been deleted.
  const { rows } = await previous.query<PreviousTable>(
    `SELECT c.oid, c.oid::regclass::text AS place, ${partsOf(previousPart)} AS parts
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND n.nspname <> $4
        AND (c.oid = $1 OR (n.nspname = $2 AND c.relname = $3)) ORDER BY c.oid = $1 DESC LIMIT 1`,
    [followedOid, schema, table, followSchema],
  );
  return rows[0];
}

/** Whether rows may have gone that no counter tells of: with a partition, or all of one at once. */
function isEmptied({ oid, parts }: ServingTable, was: PreviousTable): boolean {
  // One that was made anew has files of its own from the start.
  if (was.oid !== oid) return parts.some(({ changed }) => changed);
  return was.parts.some((part) => {
    const is = parts.find((one) => one.oid === part.oid);
    return !is || (is.changed && is.file !== part.file);
  });
}

/** Tables that are no more, and rows of the previous database that would be there again with them. */
export async function droppedTables(
  previous: Database,
  present: readonly ServingTable[],
  { tables, left = [] }: FollowPlan,
): Promise<{ readonly table: string; readonly rows: readonly []; readonly deleted: number }[]> {
  const known = [...tables.filter(({ retired }) => !retired).map(({ oid }) => oid), ...left];
  const { rows } = await previous.query<{ table: string; place: string }>(
    `SELECT concat(nullif(n.nspname || '.', 'public.'), c.relname) AS table, place
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, format('%I.%I', n.nspname, c.relname) place
      WHERE c.oid = ANY ($1) AND c.oid <> ALL ($2) AND place <> ALL ($3) AND n.nspname <> $4 AND c.relpersistence = 'p'
        AND (n.nspname <> 'public' OR c.relname <> ALL ($5))
      ORDER BY n.nspname <> 'public', 1`,
    // Plans of earlier updaters name tables that tell of the database itself.
    [
      known,
      present.map(({ oid }) => oid),
      present.map(({ place }) => place),
      followSchema,
      aboutItself,
    ],
  );
  const dropped = [];
  for (const { table, place } of rows) {
    const deleted = await countOf(previous, place);
    if (deleted > 0) dropped.push({ table, rows: [], deleted } as const);
  }
  return dropped;
}

/** How many rows the previous database has that the serving one does not, by their keys. */
async function missingKeys(
  serving: Database,
  previous: Database,
  { name: table, key }: FollowedTable,
): Promise<number> {
  const place = `public.${name(table)}`;
  const { from, found } = wantedRows(key);
  const missing = `SELECT count(*)::float FROM ${from} WHERE NOT EXISTS (SELECT FROM ${place} t WHERE ${found})`;
  const keys = key.map((column) => `${name(column.name)}::text`).join(", ");
  let count = 0;
  for await (const some of someAtATime(previous, `SELECT ${keys} FROM ${place}`)) {
    count += (await valueOf<number>(serving, missing, columnsOf(some))) ?? 0;
  }
  return count;
}
