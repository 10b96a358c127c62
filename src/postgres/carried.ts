import type { Database } from "./connect.ts";
import { followSchema } from "./follow/apply-triggers.ts";

/** What a copy is made of. Names are as SQL writes them. */
export interface Carried {
  /** Tables whose rows come while they are written to. */
  readonly live: readonly Part[];
  /** What cannot, and comes once nobody writes any more: tables without key or log, materialized views. */
  readonly held: readonly Part[];
  readonly views: readonly string[];
  readonly largeObjects: number;
}

export interface Part {
  readonly name: string;
  readonly bytes: number;
}

/** Relations (`c`) of a database's own, in any schema (`n`). */
const own = `FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname NOT IN ('information_schema', '${followSchema}') AND n.nspname !~ '^pg_' AND c.relpersistence <> 't'
   AND NOT EXISTS (SELECT FROM pg_depend d
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`;

export const called = "format('%I.%I', n.nspname, c.relname)";

/** A row that is changed can be told from others by what is written to the log: publishing any other keeps users from changing it. */
const identified = `c.relpersistence = 'p' AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indimmediate
  AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident END)`;

export async function readCarried(source: Database): Promise<Carried> {
  const { rows } = await source.query<Part & { kind: string; live: boolean }>(
    `SELECT ${called} AS name, c.relkind AS kind, pg_table_size(c.oid)::float8 AS bytes, ${identified} AS live
     ${own} AND (c.relkind = 'r' OR c.relkind = 'm' AND c.relispopulated) ORDER BY c.oid`,
  );
  const objects =
    "SELECT count(*)::float8, coalesce(pg_table_size('pg_largeobject'), 0)::float8 FROM pg_largeobject_metadata";
  const { rows: large } = await source.query<[number, number]>({ text: objects, rowMode: "array" });
  const [count, bytes] = large[0]!;
  const part = ({ name: called, bytes: size }: Part): Part => ({ name: called, bytes: size });
  return {
    live: rows.filter(({ live }) => live).map((row) => part(row)),
    held: [
      ...rows.filter(({ live }) => !live).map((row) => part(row)),
      ...(count > 0 ? [{ name: "pg_largeobject", bytes }] : []),
    ],
    views: rows.filter(({ kind }) => kind === "m").map((row) => row.name),
    largeObjects: count,
  };
}

/** What belongs to no extension, and is in a schema (`n`) of the database's own. */
const ownOf = (catalog: string, oid: string) =>
  `n.nspname NOT IN ('information_schema', '${followSchema}') AND n.nspname !~ '^pg_' AND NOT EXISTS (
     SELECT FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`;

/** How each table, view, function and type is made, by its name: a copy does not notice where that is changed. */
export async function readShapes(source: Database): Promise<ReadonlyMap<string, string>> {
  const { rows } = await source.query<{ name: string; shape: string }>(
    `SELECT ${called} AS name, md5(concat_ws(' ', c.oid, c.relkind, c.relpersistence, c.relreplident,
              (SELECT string_agg(concat_ws(' ', attnum, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
                                           attgenerated, pg_get_expr(adbin, adrelid)), ',' ORDER BY attnum)
                 FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
                WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
              (SELECT string_agg(pg_get_constraintdef(oid), ',' ORDER BY conname) FROM pg_constraint WHERE conrelid = c.oid),
              (SELECT string_agg(pg_get_indexdef(indexrelid), ',' ORDER BY indexrelid) FROM pg_index WHERE indrelid = c.oid),
              (SELECT string_agg(concat(tgenabled, pg_get_triggerdef(oid)), ',' ORDER BY tgname)
                 FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal),
              CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END)) AS shape
     ${own} AND c.relkind IN ('r', 'p', 'm', 'v', 'S')
     UNION ALL
     SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
            md5(concat_ws(' ', p.prolang, p.prosrc, to_jsonb(p) ->> 'prosqlbody', pg_get_function_result(p.oid)))
       FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${ownOf("pg_proc", "p.oid")}
     UNION ALL
     SELECT format('%I.%I', n.nspname, t.typname),
            md5((SELECT string_agg(quote_literal(enumlabel), ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
       FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE t.typtype = 'e' AND ${ownOf("pg_type", "t.oid")}`,
  );
  return new Map(rows.map(({ name: table, shape }) => [table, shape]));
}
