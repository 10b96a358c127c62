import { DatabaseError, escapeIdentifier } from "pg";
import type { Database } from "./connect.ts";
import { exactly, source, textOf } from "./digest.ts";
import type { Column, Table } from "./schema.ts";
import { matchColumns, type Pair } from "./schema-match.ts";

/** A column on both sides, and how to read it now. */
export interface ComparedColumn extends Pair<Column> {
  /** SQL: its text now. */
  readonly text: string;
  /** SQL: the text its value would have had before; the same unless the type was converted. */
  readonly asBefore: string;
}

/** The columns whose contents can be compared, in the order they had. */
export async function comparedColumns(
  database: Database,
  { before, after }: Pair<Table>,
): Promise<ComparedColumn[]> {
  const compared: ComparedColumn[] = [];
  for (const pair of matchColumns(before, after).pairs) {
    const text = textOf(pair.after);
    const same = pair.before.type === pair.after.type;
    const back = same ? undefined : await castBack(database, after, pair);
    compared.push({ ...pair, text, asBefore: back ?? text });
  }
  return compared.sort((one, other) => one.before.number - other.before.number);
}

/**
 * SQL for the earlier text of a value whose column has another type now; undefined when there is no way
 * back for all rows. A cast may round or cut off: only a value that comes out of there and back as it
 * is counts as the same.
 */
async function castBack(
  database: Database,
  table: Table,
  { before: { type: earlier }, after: { name, type } }: Pair<Column>,
): Promise<string | undefined> {
  const column = escapeIdentifier(name);
  const returned = `${column}::${earlier}::${type}::text`;
  await database.query("SAVEPOINT cast_back");
  try {
    await database.query(`SELECT count(${returned}) FROM ${source(table)}`);
  } catch (error) {
    if (!(error instanceof DatabaseError && isRefusal(error))) throw error;
    await database.query("ROLLBACK TO SAVEPOINT cast_back");
    return undefined;
  } finally {
    await database.query("RELEASE SAVEPOINT cast_back").catch(() => undefined);
  }
  const unharmed = exactly(`${returned} = ${column}::text`);
  return `CASE WHEN ${unharmed} THEN ${column}::${earlier}::text ELSE ${column}::text END`;
}

/** SQLSTATE classes: a value that does not fit (22, 23), no such cast or type (42). */
function isRefusal({ code }: DatabaseError): boolean {
  return ["22", "23", "42"].includes(code?.slice(0, 2) ?? "");
}
