import { escapeIdentifier } from "pg";
import { type Database, valueOf } from "./connect.ts";
import type { Column, Schema, Table } from "./schema.ts";
import { matchColumns, matchTables } from "./schema-match.ts";
import { inTransaction } from "./transaction.ts";

/** Where the notes are kept: only the superuser may look into it, and no search path leads there. */
const digestSchema = "updater_rehearsal";

/** The notes about one table: `k<number>` texts of its key, `c<number>` hashes of its other columns. */
export function digestTable({ oid }: Pick<Table, "oid">): string {
  return `${digestSchema}.t${oid}`;
}

/** A table to read all rows of, once each; rows of tables that inherit from it are not its own. */
export function source({ name, partitioning }: Table): string {
  return `${partitioning === null ? "ONLY " : ""}public.${escapeIdentifier(name)}`;
}

export function textOf({ name }: Column): string {
  return `${escapeIdentifier(name)}::text`;
}

/** Texts are the same when all their bytes are, whatever the site's language sorts together: fast, too. */
export function exactly(texts: string): string {
  return `${texts} COLLATE "C"`;
}

/** 64 bits of a text; NULL stays NULL. */
export function hashOf(text: string): string {
  return `pg_catalog.hashtextextended(${text}, 0)`;
}

/** Hash of a column as it was noted, whether or not it belongs to the key. */
export function notedHash({ primaryKey }: Table, { number }: Column): string {
  return primaryKey.includes(number) ? hashOf(`k${number}`) : `c${number}`;
}

/**
 * Notes every row of every table: its key, and a hash of each of its other columns. Costs one reading of
 * the data, and about 8 bytes a value. Earlier notes are replaced.
 */
export async function keepDigests(database: Database, { tables }: Schema): Promise<void> {
  await dropDigests(database);
  await inTransaction(database, async () => {
    await database.query(`CREATE SCHEMA ${digestSchema}`);
    for (const table of tables) {
      const noted = table.columns.map((column) =>
        table.primaryKey.includes(column.number)
          ? `${textOf(column)} AS k${column.number}`
          : `${hashOf(textOf(column))} AS c${column.number}`,
      );
      await database.query(
        `CREATE UNLOGGED TABLE ${digestTable(table)} AS SELECT ${noted.join(", ")} FROM ${source(table)}`,
      );
    }
  });
}

/** Removes the notes; safe to repeat. */
export async function dropDigests(database: Database): Promise<void> {
  await database.query(`DROP SCHEMA IF EXISTS ${digestSchema} CASCADE`);
}

/**
 * Lets every session of a copy ask how many milliseconds its process has waited for a processor that
 * others held: `updater_rehearsal.waited()`. Reading that file takes a superuser. It goes with the notes
 * of `keepDigests`.
 */
export async function letSessionsTellWaiting(copy: Database): Promise<void> {
  await copy.query(`
    CREATE FUNCTION ${digestSchema}.waited() RETURNS float8 SECURITY DEFINER
      SET search_path = pg_catalog LANGUAGE sql AS $$
        SELECT coalesce(split_part(pg_read_file('/proc/self/schedstat', 0, 200, true), ' ', 2)::float8 / 1e6, 0)
      $$`);
  await copy.query(`GRANT USAGE ON SCHEMA ${digestSchema} TO PUBLIC`);
}

/** Exactly how many rows there are. */
export async function countOf(database: Database, from: string): Promise<number> {
  return Number(await valueOf(database, `SELECT count(*) FROM ${from}`));
}

/** Exact numbers of rows, by the tables' oids. */
export async function countRows(
  database: Database,
  { tables }: Schema,
): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>();
  for (const table of tables) counts.set(table.oid, await countOf(database, source(table)));
  return counts;
}

/** A column that is no more, of a table that still is. */
export interface DroppedValues {
  /** The table's name now. */
  readonly table: string;
  readonly column: string;
  /** Rows that had a value in it. */
  readonly rows: number;
}

/** What the dropped columns held when the notes were taken; columns that held nothing are left out. */
export async function droppedValues(
  database: Database,
  before: Schema,
  after: Schema,
): Promise<DroppedValues[]> {
  const found: DroppedValues[] = [];
  for (const { before: was, after: is } of matchTables(before.tables, after.tables).pairs) {
    for (const column of matchColumns(was, is).gone) {
      const held = `${digestTable(was)} WHERE ${notedHash(was, column)} IS NOT NULL`;
      const rows = await countOf(database, held);
      if (rows > 0) found.push({ table: is.name, column: column.name, rows });
    }
  }
  return found;
}
