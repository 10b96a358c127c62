import { escapeIdentifier as name } from "pg";
import type { Database } from "../connect.ts";
import { keyOf, unguardStatements } from "./apply-triggers.ts";
import type { FollowPlan } from "./plan.ts";

interface ForeignKey {
  readonly child: string;
  readonly parent: string;
  readonly columns: readonly string[];
  readonly keys: readonly string[];
  readonly nullable: boolean;
  /** Columns of the child's primary key. */
  readonly primary: readonly string[] | null;
}

const foreignKeys = `
SELECT c.relname AS child, p.relname AS parent,
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
  FROM (SELECT oid, conrelid, confrelid, conkey, confkey FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY ($1)
         UNION ALL SELECT 0, child, parent, columns, keys
           FROM jsonb_to_recordset($2) AS loosened (child oid, parent oid, columns smallint[], keys smallint[])) k
  JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
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
  if (referring.length === 0) return [];
  const keys = [referring, JSON.stringify(loosened)];
  const { rows } = await previous.query<ForeignKey>(foreignKeys, keys);
  const settled: Repaired[] = [];
  // A guard takes what is put right for something that arrives, and writes it unseen.
  for (const statement of tables.flatMap(unguardStatements)) await previous.query(statement);
  // Each change alone; the references to what goes have their turn.
  await previous.query("SET LOCAL session_replication_role = replica");
  for (let found = true; found;) {
    found = false;
    for (const reference of rows) {
      const changed = await previous.query<{ key: string }>(repair(reference));
      if (changed.rowCount) found = true;
      const columns = reference.nullable ? knownColumns(reference, tables) : [];
      // No row has anything else in a column that the serving database does not have.
      if (reference.nullable && columns.length === 0) continue;
      settled.push(...changed.rows.map(({ key }) => ({ table: reference.child, key, columns })));
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

function repair({ child, parent, columns, keys, nullable, primary }: ForeignKey): string {
  const table = `public.${name(child)}`;
  const dangling = `${columns.map((column) => `c.${name(column)} IS NOT NULL`).join(" AND ")}
    AND NOT EXISTS (SELECT FROM public.${name(parent)} p
      WHERE ${columns.map((column, index) => `p.${name(keys[index] ?? "")} = c.${name(column)}`).join(" AND ")})`;
  const primaryKey = (primary ?? []).map((column) => ({ name: column }));
  const key = keyOf(primaryKey, "c.");
  return nullable
    ? `UPDATE ${table} c SET ${columns.map((column) => `${name(column)} = NULL`).join(", ")} WHERE ${dangling} RETURNING ${key} AS key`
    : `DELETE FROM ${table} c WHERE ${dangling} RETURNING ${key} AS key`;
}
