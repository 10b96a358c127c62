import { escapeIdentifier } from "pg";
import { z } from "zod";
import { type Database, valueOf } from "./connect.ts";

export const moment = z.strictObject({
  /** A cluster and its physical copies have the same. */
  cluster: z.string(),
  /** Number of the first transaction that may not have ended by then. */
  transaction: z.string().regex(/^\d+$/),
});

/** A moment in the life of a database and its physical copies. */
export type TransactionMarker = z.infer<typeof moment>;

export async function readMarker(database: Database): Promise<TransactionMarker> {
  const { rows } = await database.query<TransactionMarker>(
    `SELECT (SELECT system_identifier::text FROM pg_control_system()) AS cluster,
            pg_snapshot_xmin(pg_current_snapshot())::text AS transaction`,
  );
  return moment.parse(rows[0]);
}

export interface WrittenRows {
  readonly table: string;
  readonly rows: number;
}

/** Rows that were written since, by table; null when the database is no copy of the one it was a moment of. */
export async function rowsWrittenSince(
  database: Database,
  { cluster, transaction }: TransactionMarker,
): Promise<WrittenRows[] | null> {
  if ((await readMarker(database)).cluster !== cluster) return null;
  const { rows: tables } = await database.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname`,
  );
  const written: WrittenRows[] = [];
  for (const { name } of tables) {
    const query = `SELECT count(*) FROM ONLY public.${escapeIdentifier(name)} WHERE age(xmin) <= age(xid($1::xid8))`;
    const rows = Number(await valueOf(database, query, [transaction]));
    if (rows > 0) written.push({ table: name, rows });
  }
  return written;
}
