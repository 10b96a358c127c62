import { escapeIdentifier as name } from "pg";
import { type Database, isDatabaseError } from "../connect.ts";
import { keyOf, unguardStatements } from "./apply-triggers.ts";
import type { FollowPlan } from "./plan.ts";

interface ForeignKey {
  /** Name of its table, with its schema where that is another than `public`. */
  readonly child: string;
  /** For SQL. */
  readonly childPlace: string;
  readonly parentPlace: string;
  readonly columns: readonly string[];
  readonly keys: readonly string[];
  readonly nullable: boolean;
  /** Columns of the child's primary key. */
  readonly primary: readonly string[] | null;
}

/** Those of tables that are named, and of tables of other schemas that refer to one that follows. */
const foreignKeys = `
SELECT CASE cn.nspname WHEN 'public' THEN c.relname ELSE cn.nspname || '.' || c.relname END AS child,
       format('%I.%I', cn.nspname, c.relname) AS "childPlace", format('%I.%I', pn.nspname, p.relname) AS "parentPlace",
       (SELECT array_agg(attname::text ORDER BY n) FROM unnest(k.conkey) WITH ORDINALITY u (number, n)
          JOIN pg_attribute ON attrelid = k.conrelid AND attnum = number) AS columns,
       (SELECT array_agg(attname::text ORDER BY n) FROM unnest(k.confkey) WITH ORDINALITY u (number, n)
          JOIN pg_attribute ON attrelid = k.confrelid AND attnum = number) AS keys,
       NOT EXISTS (SELECT FROM pg_attribute
                    WHERE attrelid = k.conrelid AND attnum = ANY (k.conkey) AND attnotnull) AS nullable,
       (SELECT array_agg(attname::text ORDER BY n)
          FROM pg_index, unnest(indkey::smallint[]) WITH ORDINALITY u (number, n)
          JOIN pg_attribute ON attrelid = k.conrelid AND attnum = number
         WHERE indrelid = k.conrelid AND indisprimary) AS primary
  FROM (SELECT oid, conrelid, confrelid, conkey, confkey FROM pg_constraint
         -- To a table that is divided there is one more for each of its parts.
         WHERE contype = 'f' AND conparentid = 0
           AND (conrelid = ANY ($1) OR (confrelid = ANY ($3) AND (SELECT relnamespace FROM pg_class WHERE oid = conrelid) <> 'public'::regnamespace))
         UNION ALL SELECT 0, child, parent, columns, keys
           FROM jsonb_to_recordset($2) AS loosened (child oid, parent oid, columns smallint[], keys smallint[])) k
  JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
  JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
 ORDER BY k.oid`;

/** A row that was put right, and so is not as users left it. */
export interface Repaired {
  /** Its table, by the name it has while it follows. */
  readonly table: string;
  /** Of its primary key, as `keyOf` writes it. */
  readonly key: string;
  /** The reference that is empty now; nothing when the row is gone. */
  readonly columns: readonly string[];
}

/**
 * Puts rows right that refer to one that is not there: an empty reference where that is allowed, otherwise they
 * go as well. While rows arrive no references are checked. To be called inside a transaction.
 */
export async function repairReferences(
  previous: Database,
  { referring, tables, loosened = [] }: FollowPlan,
): Promise<readonly Repaired[]> {
  const keys = [referring, JSON.stringify(loosened), tables.map(({ oid }) => oid)];
  const { rows } = await previous.query<ForeignKey>(foreignKeys, keys);
  if (rows.length === 0) return [];
  const settled: Repaired[] = [];
  // A guard takes what is put right for something that arrives, and writes it unseen.
  for (const statement of tables.flatMap(unguardStatements)) await previous.query(statement);
  // Each change alone; the references to what goes have their turn.
  await previous.query("SET LOCAL session_replication_role = replica");
  for (let found = true; found;) {
    found = false;
    for (const reference of rows) {
      const { emptied, deleted } = await putRight(previous, reference);
      if (emptied.length + deleted.length > 0) found = true;
      const columns = knownColumns(reference, tables);
      const told = (some: readonly Row[], columns: readonly string[]) =>
        some.map(({ key }) => ({ table: reference.child, key, columns }));
      // No row has anything else in a column that the serving database does not have.
      if (columns.length > 0) settled.push(...told(emptied, columns));
      settled.push(...told(deleted, []));
    }
  }
  await previous.query("SET LOCAL session_replication_role = origin");
  return settled;
}

/** Those of a reference that the serving database has, by their names there. */
function knownColumns({ child, columns }: ForeignKey, tables: FollowPlan["tables"]): string[] {
  const table = tables.find(({ name: followed }) => followed === child);
  return columns.flatMap((column) => {
    if (table?.gone.includes(column)) return [];
    const parked = table?.columns.find((one) => one.kind === "converted" && one.parked === column);
    return parked?.name ?? column;
  });
}

interface Row {
  /** Of its primary key, as `keyOf` writes it. */
  readonly key: string;
}

interface PutRight {
  /** Whose reference is empty now. */
  readonly emptied: readonly Row[];
  readonly deleted: readonly Row[];
}

async function putRight(previous: Database, reference: ForeignKey): Promise<PutRight> {
  const { childPlace, columns, parentPlace, keys, nullable, primary } = reference;
  const dangling = `${columns.map((column) => `c.${name(column)} IS NOT NULL`).join(" AND ")}
    AND NOT EXISTS (SELECT FROM ${parentPlace} p
      WHERE ${columns.map((column, index) => `p.${name(keys[index] ?? "")} = c.${name(column)}`).join(" AND ")})`;
  const key = keyOf(
    (primary ?? []).map((column) => ({ name: column })),
    "c.",
  );
  const nothing = columns.map((column) => `${name(column)} = NULL`).join(", ");
  const change = async (how: string, which = dangling) =>
    (await previous.query<Row>(`${how} WHERE ${which} RETURNING ${key} AS key`)).rows;
  const [empty, remove] = [`UPDATE ${childPlace} c SET ${nothing}`, `DELETE FROM ${childPlace} c`];
  if (!nullable) return { emptied: [], deleted: await change(remove) };
  const all = await unlessRefused(previous, async () => await change(empty));
  if (all) return { emptied: all, deleted: [] };
  // Some must not be without it, by a rule: each row has its turn.
  const { rows } = await previous.query<{ place: string }>(
    `SELECT c.ctid::text AS place FROM ${childPlace} c WHERE ${dangling}`,
  );
  const [emptied, deleted]: [Row[], Row[]] = [[], []];
  for (const { place } of rows) {
    const here = `c.ctid = '${place}'`;
    const done = await unlessRefused(previous, async () => await change(empty, here));
    if (done) emptied.push(...done);
    else deleted.push(...(await change(remove, here)));
  }
  return { emptied, deleted };
}

/** @returns nothing where a rule of the table refuses it: then nothing has changed */
async function unlessRefused<Result>(
  previous: Database,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  await previous.query("SAVEPOINT put_right");
  try {
    return await work();
  } catch (error) {
    // Of the class of integrity constraints.
    if (!isDatabaseError(error) || !error.code?.startsWith("23")) throw error;
    await previous.query("ROLLBACK TO SAVEPOINT put_right");
    return undefined;
  } finally {
    await previous.query("RELEASE SAVEPOINT put_right").catch(() => undefined);
  }
}
