import type { Database } from "../connect.ts";
import { aboutItself } from "../rollback-classes.ts";
import { followSchema } from "./apply-triggers.ts";
import type { FollowedTable } from "./followed-table.ts";
import type { FollowPlan } from "./plan.ts";
import { publication } from "./publication.ts";

/** A table of the serving database, and what its counters say since the swap. */
export interface ServingTable {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** For SQL, as `format` writes it. */
  readonly place: string;
  readonly published: boolean;
  /** Number of its file, another one when it was emptied at once, or rewritten; 0 where it is divided into partitions. */
  readonly file: number;
  /** What its rows are in: its partitions, or itself. */
  readonly parts: readonly ServingPart[];
  readonly columns: readonly ServingColumn[];
}

interface ServingColumn {
  readonly name: string;
  readonly type: string;
  readonly generated: boolean;
  /** What all rows have in it that were there when it was added, as text; null where nothing, or where that is not known. */
  readonly fill: string | null;
}

export interface Part {
  readonly oid: number;
  readonly file: number;
}

interface ServingPart extends Part {
  /** As `touchedTables` names it. */
  readonly name: string;
  /** Since users came; that it was emptied at once is among what this may be. */
  readonly changed: boolean;
  /** Rows that were deleted one by one, as far as that was counted. */
  readonly deleted: number;
}

/** What the rows of a table (`c`) are in, as JSON. Partitions are asked for only where there are any, which takes longer. */
export const partsOf = (part: (relation: string) => string) => `
  CASE c.relkind WHEN 'r' THEN json_build_array(${part("c")}) ELSE (
    SELECT coalesce(json_agg(${part("l")}), '[]')
      FROM pg_partition_tree(c.oid) tree JOIN pg_class l ON l.oid = tree.relid WHERE tree.isleaf) END`;

const servingPart = (relation: string) => `json_build_object(
  'oid', ${relation}.oid::bigint, 'file', pg_relation_filenode(${relation}.oid)::bigint,
  'name', (SELECT concat(nullif(nspname || '.', 'public.'), ${relation}.relname)
             FROM pg_namespace WHERE oid = ${relation}.relnamespace),
  'changed', age(${relation}.xmin) <= age(p.xmin), 'deleted', pg_stat_get_tuples_deleted(${relation}.oid))`;

const columns = `
  SELECT coalesce(json_agg(json_build_object(
           'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'generated', a.attgenerated <> '',
           'fill', (a.attmissingval::text::text[])[1]) ORDER BY a.attnum), '[]')
    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`;

/** All of the application's and of the site's. To be called inside `inTransaction`. */
export async function servingTables(serving: Database): Promise<ServingTable[]> {
  // Compiling what is asked once takes longer than answering it.
  await serving.query("SET LOCAL jit = off");
  const { rows } = await serving.query<ServingTable>(
    `SELECT c.oid, n.nspname AS schema, c.relname AS name, format('%I.%I', n.nspname, c.relname) AS place,
            r.prrelid IS NOT NULL AS published, coalesce(pg_relation_filenode(c.oid), 0) AS file,
            ${partsOf(servingPart)} AS parts, (${columns}) AS columns
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN pg_publication p ON p.pubname = $1
       LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = c.oid
      WHERE n.nspname NOT IN ('information_schema', $3) AND n.nspname !~ '^pg_' AND c.relkind IN ('r', 'p')
        AND NOT c.relispartition AND (n.nspname <> 'public' OR c.relname <> ALL ($2))
        AND NOT EXISTS (SELECT FROM pg_depend d
                         WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
      ORDER BY n.nspname <> 'public', n.nspname, c.relname`,
    [publication, aboutItself, followSchema],
  );
  return rows;
}

export interface TableAsItIs extends FollowedTable {
  /** Its columns are not those of the plan any more: what was done to all rows with that was not sent. */
  readonly altered: boolean;
}

/**
 * A table that follows as whoever may alter it has left it, who did not ask the plan; undefined where what was written to it
 * cannot be told by the plan any more.
 */
export function asItIs(table: ServingTable, plan: FollowPlan): TableAsItIs | undefined {
  const followed = plannedFor(table, plan);
  if (!table.published || followed?.name !== table.name) return undefined;
  const now = new Map(table.columns.map((column) => [column.name, column]));
  if (!followed.key.every((column) => now.has(column.name))) return undefined;
  const planned = new Set(followed.columns.map((column) => column.name));
  const still = followed.columns.filter((column) => now.has(column.name));
  const added = table.columns.filter((column) => !column.generated && !planned.has(column.name));
  const columns = [
    ...still,
    ...added.map(({ name, type, fill }) => ({ kind: "unknown", name, type, fill }) as const),
  ];
  const altered =
    columns.length > still.length ||
    followed.columns.some(({ name, type }) => now.get(name)?.type !== type);
  const computed = followed.computed?.filter((column) => now.has(column)) ?? [];
  return { ...followed, columns, computed, altered };
}

/** What the plan says of a table, whatever it is called by now. */
export function plannedFor(
  { schema, oid, name }: ServingTable,
  { tables }: FollowPlan,
): FollowedTable | undefined {
  if (schema !== "public") return undefined;
  const present = tables.filter(({ retired }) => !retired);
  return present.find((one) => one.oid === oid) ?? present.find((one) => one.name === name);
}
