import type { Database } from "./connect.ts";

/** A value has one text only under fixed settings; a release may have left others to the database. */
const settings: Readonly<Record<string, string>> = {
  search_path: "public",
  timezone: "UTC",
  datestyle: "ISO, YMD",
  intervalstyle: "postgres",
  extra_float_digits: "1",
  bytea_output: "hex",
  lc_monetary: "C",
  // Joining all rows of a large table is what this memory is for; a copy has no other users.
  work_mem: "64MB",
};

/** Runs statements in one transaction, under settings that give every value and every name one text. */
export async function inTransaction<Result>(
  database: Database,
  work: () => Promise<Result>,
): Promise<Result> {
  await database.query("BEGIN");
  try {
    await database.query(
      "SELECT set_config(name, value, true) FROM unnest($1::text[], $2::text[]) AS setting (name, value)",
      [Object.keys(settings), Object.values(settings)],
    );
    const result = await work();
    await database.query("COMMIT");
    return result;
  } catch (error) {
    // What went wrong first is what is reported, even when the connection is gone.
    await database.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}
