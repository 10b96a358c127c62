import { escapeIdentifier as name } from "pg";
import type { Database } from "../connect.ts";
import { followSchema, keyOf } from "./apply-triggers.ts";
import type { FollowedTable, FollowPlan } from "./plan.ts";
import { publication } from "./publication.ts";
import { aboutItself } from "../rollback-classes.ts";
import type { Repaired } from "./repair-references.ts";

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
  /** Rows deleted since the swap that would be there again; an estimate of the database's. */
  readonly deleted: number;
}

interface LostRow {
  /** Of its primary key, as JSON; its place in the file where there is no key. */
  readonly key: string;
  /** Columns whose value is not kept; empty when nothing of the row is. */
  readonly columns: readonly string[];
  /** What the row holds now: tells whether it is still the same at a second look. */
  readonly content: string;
}

/** Rows written since users came (`countFromHere`): a transaction's age tells. */
const written = `age(xmin) <= (SELECT age(p.xmin) FROM pg_publication p WHERE p.pubname = '${publication}')`;

const rowsAtATime = 1000;

/**
 * What a return to the previous database would lose, found by comparing what was written with what arrived: it
 * compares the rows themselves. To be called inside `inTransaction` on both sides.
 * @param arriving whether all that was written has had its chance to arrive; otherwise no table is taken on trust
 */
export async function lossOf(
  serving: Database,
  previous: Database,
  plan: FollowPlan,
  { arriving }: { arriving: boolean },
): Promise<TableLoss[]> {
  const { rows } = await serving.query<{
    schema: string;
    name: string;
    published: boolean;
    deleted: number;
  }>(
    `SELECT n.nspname AS schema, c.relname AS name, r.prrelid IS NOT NULL AS published,
            coalesce(s.n_tup_del, 0)::float AS deleted
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN pg_publication p ON p.pubname = $1
       LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = c.oid
       LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
      WHERE n.nspname NOT IN ('information_schema', $3) AND n.nspname !~ '^pg_' AND c.relkind IN ('r', 'p')
        AND NOT c.relispartition AND (n.nspname <> 'public' OR c.relname <> ALL ($2))
        AND NOT EXISTS (SELECT FROM pg_depend d
                         WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
      ORDER BY n.nspname <> 'public', n.nspname, c.relname`,
    [publication, aboutItself, followSchema],
  );
  const known = new Map(plan.tables.map((table) => [table.name, table]));
  const losses: TableLoss[] = [];
  for (const { schema, name: table, published, deleted } of rows) {
    if (schema !== "public") {
      // Only what is in `public` follows.
      const place = `${name(schema)}.${name(table)}`;
      const lost = await writtenRows(serving, place);
      if (lost.length > 0 || deleted > 0) {
        losses.push({ table: `${schema}.${table}`, place, rows: lost, deleted });
      }
      continue;
    }
    const followed = published ? known.get(table) : undefined;
    if (followed && !followed.compared && arriving) continue;
    const lost = followed
      ? await lostRows(serving, previous, followed)
      : await writtenRows(serving, `public.${name(table)}`);
    // Without the table in the previous version, nothing of it can come back.
    const kept = followed ? !arriving : plan.unfollowed.includes(table);
    const back = kept ? deleted : 0;
    if (lost.length > 0 || back > 0) losses.push({ table, rows: lost, deleted: back });
  }
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
  { tables }: FollowPlan,
): Promise<Repaired[]> {
  const alike = Map.groupBy(settled, ({ table, columns }) => JSON.stringify([table, columns]));
  const found: Repaired[] = [];
  for (const some of alike.values()) {
    const { table, columns } = some[0]!;
    const followed = tables.find((one) => one.name === table);
    if (!followed) {
      // The serving database does not have it, or nothing of it is known here.
      found.push(...some);
      continue;
    }
    const filled = columns.map((column) => `t.${name(column)} IS NOT NULL`).join(" OR ") || "true";
    const { rows } = await serving.query<{ key: string }>(
      `SELECT ${keyOf(followed.key, "t.")} AS key FROM public.${name(table)} t
        WHERE ${keyOf(followed.key, "t.")} = ANY ($1) AND (${filled})`,
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

async function writtenRows(serving: Database, place: string): Promise<LostRow[]> {
  const { rows } = await serving.query<LostRow>(
    `SELECT tableoid || ':' || ctid AS key, '{}'::text[] AS columns, md5(t::text) AS content
       FROM ${place} t WHERE ${written}`,
  );
  return rows;
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

interface Written {
  readonly key: string;
  readonly parts: string[];
  readonly same: (string | null)[];
  readonly unknown: (string | null)[];
}

async function lostRows(
  serving: Database,
  previous: Database,
  table: FollowedTable,
): Promise<LostRow[]> {
  const same = table.columns.filter(({ kind }) => kind === "same");
  const unknown = table.columns.filter((column) => column.kind === "unknown");
  const converted = table.columns.filter(({ kind }) => kind === "converted").map((one) => one.name);
  const texts = (columns: readonly { name: string }[]) =>
    `ARRAY[${columns.map((column) => `t.${name(column.name)}::text`).join(", ")}]::text[]`;
  const { rows } = await serving.query<Written>(
    `SELECT ${keyOf(table.key, "t.")} AS key, ${texts(table.key)} AS parts,
            ${texts(same)} AS same, ${texts(unknown)} AS unknown
       FROM public.${name(table.name)} t WHERE ${written}`,
  );
  const lost: LostRow[] = [];
  for (let from = 0; from < rows.length; from += rowsAtATime) {
    const some = rows.slice(from, from + rowsAtATime);
    const there = await arrived(previous, table, some);
    const refused = await refusedColumns(previous, table, some);
    for (const row of some) {
      const content = JSON.stringify([row.same, row.unknown]);
      const arrivedRow = there.get(row.key);
      if (!arrivedRow || table.changed) {
        lost.push({ key: row.key, columns: [], content });
        continue;
      }
      const differing = [
        ...same.filter((_, index) => arrivedRow[index] !== row.same[index]),
        ...unknown.filter(({ fill }, index) => row.unknown[index] !== (fill ?? null)),
      ];
      const columns = [
        ...differing.map((column) => column.name),
        ...(refused.get(row.key) ?? []).flatMap((column) => column || converted),
      ];
      if (columns.length > 0) lost.push({ key: row.key, columns, content });
    }
  }
  return lost;
}

/** Of rows in the previous database, by key: the columns both sides have, as the serving one writes them. */
async function arrived(
  previous: Database,
  table: FollowedTable,
  rows: readonly Written[],
): Promise<Map<string, (string | null)[]>> {
  const columns = table.columns.flatMap((column) =>
    column.kind === "same" ? [`(t.${name(column.name)}::${column.type})::text`] : [],
  );
  const wanted = table.key.map((_, index) => `k${index}`);
  const found = await previous.query<{ key: string; same: (string | null)[] }>(
    `SELECT ${keyOf(table.key, "t.")} AS key, ARRAY[${columns.join(", ")}]::text[] AS same
       FROM unnest(${wanted.map((_, index) => `$${index + 1}::text[]`).join(", ")}) AS wanted (${wanted.join(", ")})
       JOIN public.${name(table.name)} t
         ON ${table.key.map((column, index) => `t.${name(column.name)} = wanted.k${index}::${column.type}`).join(" AND ")}`,
    table.key.map((_, index) => rows.map(({ parts }) => parts[index])),
  );
  return new Map(found.rows.map(({ key, same }) => [key, same]));
}

/** By key; an empty name stands for the whole row, as it was written last. */
async function refusedColumns(
  previous: Database,
  { oid }: FollowedTable,
  rows: readonly Written[],
): Promise<Map<string, string[]>> {
  const found = await previous.query<{ key: string; columns: string[] }>(
    `SELECT key, array_agg(column_name ORDER BY column_name) AS columns FROM ${followSchema}.refused
      WHERE relation = $1 AND key = ANY ($2) GROUP BY key`,
    [oid, rows.map(({ key }) => key)],
  );
  return new Map(found.rows.map(({ key, columns }) => [key, columns]));
}
