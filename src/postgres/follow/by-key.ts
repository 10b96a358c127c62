import { escapeIdentifier as name } from "pg";
import type { Database } from "../connect.ts";
import { isInteger } from "../value-types.ts";

interface WantedRows {
  /** A row for each key, as columns of texts that are the first parameters; to be called `wanted`. */
  readonly from: string;
  /** Whether a row of the table (`t`) is the one. */
  readonly found: string;
}

/**
 * For SQL that looks for rows by keys of the other database.
 * @param more columns that come with each key: their types
 */
export function wantedRows(
  key: readonly { readonly name: string; readonly type: string }[],
  more: readonly string[] = [],
): WantedRows {
  const types = [...key.map(() => "text"), ...more];
  const names = [...key.map((_, index) => `k${index}`), ...more.map((_, index) => `v${index}`)];
  const sent = types.map((type, index) => `$${index + 1}::${type}[]`);
  // A whole number may be too large for the narrower of the two types.
  const found = key.map(
    ({ name: column, type }, index) =>
      `t.${name(column)} = wanted.k${index}::${isInteger(type) ? "bigint" : type}`,
  );
  return {
    from: `unnest(${sent.join(", ")}) AS wanted (${names.join(", ")})`,
    found: found.join(" AND "),
  };
}

const rowsAtATime = 10_000;

/** Reads a query's rows some at a time. To be called inside a transaction. */
export async function* someAtATime(
  database: Database,
  query: string,
): AsyncGenerator<readonly (readonly (string | null)[])[]> {
  await database.query(`DECLARE updater_rows NO SCROLL CURSOR FOR ${query}`);
  for (let more = true; more;) {
    const text = `FETCH ${rowsAtATime} FROM updater_rows`;
    const { rows } = await database.query<(string | null)[]>({ text, rowMode: "array" });
    if (rows.length > 0) yield rows;
    more = rows.length === rowsAtATime;
  }
  await database.query("CLOSE updater_rows");
}

/** Rows as the columns that `unnest` takes. */
export function columnsOf<Value>(
  rows: readonly (readonly Value[])[],
): (readonly (Value | undefined)[])[] {
  return (rows[0] ?? []).map((_, index) => rows.map((row) => row[index]));
}
