import { escapeIdentifier as name } from "pg";
import type { Database } from "../connect.ts";
import { keyOf } from "./apply-triggers.ts";
import { deletedRows, droppedTables } from "./deleted-rows.ts";
import type { FollowPlan } from "./plan.ts";
import { countedSince } from "./publication.ts";
import type { Repaired } from "./repair-references.ts";
import { asItIs, plannedFor, type ServingTable, servingTables } from "./serving-tables.ts";
import type { WrittenBlocks } from "./written-blocks.ts";
import { type Again, lostRows, type LostRow, written, writtenRows } from "./written-rows.ts";

/** Stands for a table where large objects are told of. */
export const largeObjects = "pg_largeobject";

/** Rows of one table that a rollback would not keep as users wrote them. */
export interface TableLoss {
  /** With its schema where that is another than `public`. */
  readonly table: string;
  /** For SQL; absent where it is the table of that name in `public`. */
  readonly place?: string;
  /** Written since the swap and not in the previous database, or not as they were written. */
  readonly rows: readonly LostRow[];
  /** Rows deleted since the swap that would be there again; at most, where that cannot be told. */
  readonly deleted: number;
}

/** A look that another one can start from. */
export interface EarlierLook {
  /** As `positionForLook` says. */
  readonly position: string;
  readonly files: TableFiles;
  readonly losses: readonly TableLoss[];
}

/** An earlier look, and what was written since: only that is looked at again. */
interface Looked extends Omit<EarlierLook, "position"> {
  readonly blocks: WrittenBlocks;
}

/** By the oid of a table: another one once it was emptied at once, or rewritten. */
export type TableFiles = ReadonlyMap<number, number>;

/** To be asked before a look that another one will start from. */
export async function tableFiles(serving: Database): Promise<TableFiles> {
  // What is not logged tells nobody what is written to it.
  const { rows } = await serving.query<{ oid: number; file: number }>(
    `SELECT oid, pg_relation_filenode(oid) AS file FROM pg_class
      WHERE relkind = 'r' AND relpersistence = 'p' AND NOT relispartition AND NOT relhassubclass`,
  );
  return new Map(rows.map(({ oid, file }) => [oid, file]));
}

/**
 * What a return to the previous database would lose, found by comparing what was written with what arrived: it
 * compares the rows themselves. To be called inside `inTransaction` on both sides.
 * @param arriving whether all that was written has had its chance to arrive; otherwise no table is taken on trust
 */
export async function lossOf(
  serving: Database,
  previous: Database,
  plan: FollowPlan,
  { arriving, looked }: { arriving: boolean; looked?: Looked | undefined },
): Promise<TableLoss[]> {
  const counted = await countedSince(serving);
  const present = await servingTables(serving);
  const losses: TableLoss[] = [];
  for (const one of present) {
    const { schema, name: own, place } = one;
    const isOther = schema !== "public";
    const table = isOther ? `${schema}.${own}` : own;
    const followed = asItIs(one, plan);
    const sent = arriving && !followed?.altered;
    if (followed && !followed.compared && sent) continue;
    const earlier = looked?.losses.find((loss) => loss.table === table);
    const again = againIn(one, looked, earlier);
    const rows = followed
      ? await lostRows(serving, previous, followed, { arriving: sent, again })
      : await writtenRows(serving, place, again);
    // Without the table in the previous version, nothing of it can come back.
    const isKnown =
      isOther ||
      plan.unfollowed.includes(own) ||
      plan.left?.includes(one.oid) ||
      plannedFor(one, plan) !== undefined;
    const kept = followed ? !arriving : isKnown;
    const told = { ...counted, followed, earlier: unchanged(again, earlier) };
    const deleted = kept ? await deletedRows(serving, previous, one, told) : 0;
    if (rows.length === 0 && deleted === 0) continue;
    losses.push({ table, ...(isOther && { place }), rows, deleted });
  }
  losses.push(...(await droppedTables(previous, present, plan)));
  const objects = await writtenObjects(serving);
  if (objects.length > 0) losses.push({ table: largeObjects, rows: objects, deleted: 0 });
  return losses;
}

/** Adds rows that had to be put right, were perhaps written long ago, and are otherwise in the serving database. */
export async function withSettled(
  losses: readonly TableLoss[],
  all: readonly Repaired[],
  serving: Database,
  plan: FollowPlan,
): Promise<TableLoss[]> {
  const settled = await otherwise(serving, all, plan);
  const tables = new Map(losses.map((loss) => [loss.table, loss]));
  for (const [table, all] of Map.groupBy(settled, (one) => one.table)) {
    const { rows, deleted } = tables.get(table) ?? { rows: [], deleted: 0 };
    const known = new Set(rows.map(({ key }) => key));
    // One that lost a reference and then went is told once.
    const more = new Map(all.filter(({ key }) => !known.has(key)).map((one) => [one.key, one]));
    const added = [...more.values()].map(({ key, columns }) => ({ key, columns, content: "" }));
    tables.set(table, { table, rows: [...rows, ...added], deleted });
  }
  return [...tables.values()];
}

async function otherwise(
  serving: Database,
  settled: readonly Repaired[],
  plan: FollowPlan,
): Promise<Repaired[]> {
  if (settled.length === 0) return [];
  const present = await servingTables(serving);
  const alike = Map.groupBy(settled, ({ table, columns }) => JSON.stringify([table, columns]));
  const found: Repaired[] = [];
  for (const some of alike.values()) {
    const { table, columns } = some[0]!;
    const one = present.find(({ schema, name: own }) => schema === "public" && own === table);
    const followed = one && asItIs(one, plan);
    if (!followed) {
      // The serving database does not have it, or nothing of it is known here.
      found.push(...some);
      continue;
    }
    const left = columns.filter((column) => one.columns.some((is) => is.name === column));
    const filled = left.map((column) => `t.${name(column)} IS NOT NULL`).join(" OR ");
    const { rows } = await serving.query<{ key: string }>(
      `SELECT ${keyOf(followed.key, "t.")} AS key FROM public.${name(table)} t
        WHERE ${keyOf(followed.key, "t.")} = ANY ($1) AND (${filled || columns.length === 0})`,
      [some.map(({ key }) => key)],
    );
    const there = new Set(rows.map(({ key }) => key));
    found.push(...some.filter(({ key }) => there.has(key)));
  }
  return found;
}

/** What is lost at both of two looks: anything else was only on its way. */
export function lostAtBoth(first: readonly TableLoss[], second: readonly TableLoss[]): TableLoss[] {
  return second.flatMap((loss) => {
    const earlier = new Set(
      first.find(({ table }) => table === loss.table)?.rows.map((row) => row.key + row.content),
    );
    const rows = loss.rows.filter((row) => earlier.has(row.key + row.content));
    return rows.length > 0 || loss.deleted > 0 ? [{ ...loss, rows }] : [];
  });
}

/** With more blocks than these it is quicker to read all of a table. */
const blocksAtMost = 2000;

/** Nothing where everything has to be looked at. */
function againIn(
  { oid, file }: ServingTable,
  looked: Looked | undefined,
  earlier: TableLoss | undefined,
): Again | undefined {
  if (looked?.files.get(oid) !== file) return undefined;
  const blocks = looked.blocks.get(file) ?? [];
  if (blocks.length > blocksAtMost) return undefined;
  return { blocks, rows: earlier?.rows ?? [] };
}

/** Rows that an earlier look found deleted, where nothing was written to the table since. */
function unchanged(again: Again | undefined, earlier: TableLoss | undefined): number | undefined {
  return again?.blocks.length === 0 ? (earlier?.deleted ?? 0) : undefined;
}

/** Which replication does not carry. */
async function writtenObjects(serving: Database): Promise<LostRow[]> {
  const { rows } = await serving.query<LostRow>(
    `SELECT m.oid::text AS key, '{}'::text[] AS columns, md5(lo_get(m.oid)) AS content
       FROM pg_largeobject_metadata m
      WHERE ${written} OR EXISTS (SELECT FROM pg_largeobject WHERE loid = m.oid AND ${written}) ORDER BY m.oid`,
  );
  return rows;
}
