import type { Database } from "./connect.ts";

/** Empties every table but these. */
export async function emptyTables(database: Database, but: readonly string[]): Promise<void> {
  const { rows } = await database.query<{ tables: string | null }>(
    `SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') AS tables
       FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL ($1)`,
    [but],
  );
  const tables = rows[0]?.tables;
  if (tables) await database.query(`TRUNCATE ${tables} RESTART IDENTITY`);
}
