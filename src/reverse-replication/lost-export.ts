import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { messageOf, UpdaterError } from "../errors.ts";
import type { LostRows } from "../postgres/follow/lost-rows.ts";

/** What a cell begins with must not be taken for a formula by the program that shows it. */
const spreadsheet = { escape_formulas: true };

/** @throws UpdaterError `exportUnwritable` unless the folder is empty, or can be made */
export async function prepareExport(folder: string): Promise<void> {
  try {
    // Only for the operator's account: it will hold users' data.
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const [there] = await readdir(folder);
    if (there !== undefined) throw new Error(`ENOTEMPTY: directory not empty, '${there}' is in it`);
  } catch (error) {
    throw new UpdaterError("exportUnwritable", { folder, reason: messageOf(error) }, error);
  }
}

/** Writes a file of CSV for each table, and one of SQL for all. */
export async function writeExport(folder: string, lost: readonly LostRows[]): Promise<void> {
  const options = { flag: "wx", mode: 0o600 };
  for (const { table, columns, rows } of lost) {
    if (rows.length === 0) continue;
    await writeFile(
      join(folder, `${table}.csv`),
      stringify([[...columns], ...rows], spreadsheet),
      options,
    );
  }
  const statements = lost.flatMap((table) => table.statements);
  // Rows may refer to later ones.
  const sql = ["BEGIN;", "SET CONSTRAINTS ALL DEFERRED;", ...statements, "COMMIT;", ""];
  await writeFile(join(folder, "lost-rows.sql"), sql.join("\n"), options);
}
