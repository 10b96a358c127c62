import type { Database } from "./connect.ts";
import { digestSchema, digestTable, hashOf, notedHash, source, textOf } from "./digest-tables.ts";
import type { Schema } from "./schema.ts";
import { matchColumns, matchTables } from "./schema-match.ts";
import { inTransaction } from "./transaction.ts";

export { compareData, type DataComparison } from "./compare-data.ts";
export { brokenConstraints, readSequences } from "./consistency.ts";

/**
 * Notes every row of every table: its key, and a hash of each of its other columns. Costs one reading of
 * the data, and about 8 bytes a value. Earlier notes are replaced.
 */
export async function keepDigests(
  database: Database,
  schema: Schema,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<void> {
  await dropDigests(database);
  await inTransaction(database, async () => {
    await database.query(`CREATE SCHEMA ${digestSchema}`);
    for (const [index, table] of schema.tables.entries()) {
      const noted = table.columns.map((column) => {
        const { number } = column;
        return table.primaryKey.includes(number)
          ? `${textOf(column)} AS k${number}`
          : `${hashOf(textOf(column))} AS c${number}`;
      });
      await database.query(
        `CREATE UNLOGGED TABLE ${digestTable(table)} AS SELECT ${noted.join(", ")} FROM ${source(table)}`,
      );
      onProgress(index + 1, schema.tables.length);
    }
  });
}

/** Removes the notes; safe to repeat. */
export async function dropDigests(database: Database): Promise<void> {
  await database.query(`DROP SCHEMA IF EXISTS ${digestSchema} CASCADE`);
}

/** Exact numbers of rows, by the tables' oids. */
export async function countRows(
  database: Database,
  { tables }: Schema,
): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>();
  for (const table of tables) {
    const { rows } = await database.query<{ count: string }>(
      `SELECT count(*) FROM ${source(table)}`,
    );
    counts.set(table.oid, Number(rows[0]?.count));
  }
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
  for (const pair of matchTables(before.tables, after.tables).pairs) {
    const { gone } = matchColumns(pair.before, pair.after);
    if (gone.length === 0) continue;
    const counts = gone.map((column) => `count(${notedHash(pair.before, column)})`);
    const { rows } = await database.query<{ counts: string[] }>(
      `SELECT ARRAY[${counts.join(", ")}] AS counts FROM ${digestTable(pair.before)}`,
    );
    for (const [index, { name: column }] of gone.entries()) {
      const count = Number(rows[0]?.counts[index]);
      if (count > 0) found.push({ table: pair.after.name, column, rows: count });
    }
  }
  return found;
}
