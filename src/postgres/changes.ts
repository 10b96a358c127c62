import { DatabaseError } from "pg";
import type { Database } from "./connect.ts";

/** What was written to one table since a position. */
export interface TableChanges {
  readonly table: string;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/** Whether all these changes may be among those others account for. */
export function accountedFor(
  changes: readonly TableChanges[],
  accounted: readonly TableChanges[],
): boolean {
  return changes.every((change) => {
    const own = accounted.filter(({ table }) => table === change.table);
    const sum = (kind: "inserted" | "updated" | "deleted") =>
      own.reduce((total, one) => total + one[kind], 0);
    return (
      change.inserted <= sum("inserted") &&
      change.updated <= sum("updated") &&
      change.deleted <= sum("deleted")
    );
  });
}

/** Starts remembering every change from here on, at the cost of keeping the write-ahead log. */
export async function rememberChanges(database: Database, slot: string): Promise<void> {
  await database.query("SELECT pg_create_logical_replication_slot($1, 'test_decoding')", [slot]);
}

/**
 * Rows written since `rememberChanges`, table by table, without consuming them; undefined when the
 * slot is gone or outgrew `max_slot_wal_keep_size`, or holds more than can be read in time.
 */
export async function countChanges(
  database: Database,
  slot: string,
): Promise<TableChanges[] | undefined> {
  const { rowCount } = await database.query(
    "SELECT FROM pg_replication_slots WHERE slot_name = $1 AND wal_status <> 'lost'",
    [slot],
  );
  if (rowCount === 0) return undefined;
  try {
    return await readChanges(database, slot);
  } catch (error) {
    // Too much was written to be counted while somebody waits for the answer.
    if (error instanceof DatabaseError && error.code === queryCanceled) return undefined;
    throw error;
  }
}

/** SQLSTATE of a statement that the database gave up. */
const queryCanceled = "57014";

async function readChanges(database: Database, slot: string): Promise<TableChanges[]> {
  const { rows } = await database.query<Record<keyof TableChanges, string>>(
    `SELECT coalesce(change[1], '?') AS table,
            count(*) FILTER (WHERE change[2] = 'INSERT')::text AS inserted,
            count(*) FILTER (WHERE change[2] = 'UPDATE')::text AS updated,
            count(*) FILTER (WHERE change[2] IN ('DELETE', 'TRUNCATE'))::text AS deleted
       FROM pg_logical_slot_peek_changes($1, NULL, NULL, 'include-xids', 'off', 'skip-empty-xacts', 'on'),
            regexp_match(data, '^table (.+?): (INSERT|UPDATE|DELETE|TRUNCATE)') AS change
      WHERE change IS NOT NULL
      GROUP BY 1 ORDER BY count(*) DESC`,
    [slot],
  );
  return rows.map(({ table, inserted, updated, deleted }) => ({
    table: table.replace(/^public\./, ""),
    inserted: Number(inserted),
    updated: Number(updated),
    deleted: Number(deleted),
  }));
}
