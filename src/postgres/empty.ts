import { type Database, valueOf } from "./connect.ts";

/** Empties every table but these. */
export async function emptyTables(database: Database, but: readonly string[]): Promise<void> {
  const tables = await valueOf<string | null>(
    database,
    `SELECT string_agg(format('%I.%I', schemaname, tablename), ', ')
       FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL ($1)`,
    [but],
  );
  if (tables) await database.query(`TRUNCATE ${tables} RESTART IDENTITY`);
}

/** Bytes of all tables but these, with what others have written and not committed yet. */
export async function bytesOfTables(database: Database, but: readonly string[]): Promise<number> {
  const sizes = `SELECT sum(pg_table_size(format('%I.%I', schemaname, tablename)::regclass))
       FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL ($1)`;
  return Number(await valueOf(database, sizes, [but]));
}
