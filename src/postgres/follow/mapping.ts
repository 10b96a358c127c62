import { DatabaseError, escapeIdentifier as name } from "pg";
import type { Database } from "../connect.ts";
import type { RollbackMap } from "../rollback-classes.ts";
import type { Column, Schema } from "../schema.ts";
import { matchTables } from "../schema-match.ts";

/** An expression of the site that does not do for the rows there are. */
export interface MappingFailure {
  readonly table: string;
  readonly column: string;
  /** In the database's words. */
  readonly reason: string;
}

/** Tries each expression on every row of a migrated copy, in a transaction of its own. */
export async function mappingFailures(
  copy: Database,
  old: Schema,
  now: Schema,
  map: RollbackMap,
): Promise<MappingFailure[]> {
  const later = new Map(
    matchTables(old.tables, now.tables).pairs.map(({ before, after }) => [before.name, after]),
  );
  const failures: MappingFailure[] = [];
  for (const [table, columns] of Object.entries(map)) {
    for (const [column, expression] of Object.entries(columns)) {
      const own = old.tables
        .find((one) => one.name === table)
        ?.columns.find((one) => one.name === column);
      const from = later.get(table)?.name;
      const reason =
        own && from !== undefined
          ? await failureOf(copy, from, own, expression)
          : `column "${column}" of relation "${table}" does not exist`;
      if (reason !== undefined) failures.push({ table, column, reason });
    }
  }
  return failures;
}

async function failureOf(
  copy: Database,
  table: string,
  { name: column, type, notNull }: Column,
  expression: string,
): Promise<string | undefined> {
  try {
    const { rows } = await copy.query<{ empty: boolean | null }>(
      `SELECT bool_or((${expression})::${type} IS NULL) AS empty FROM public.${name(table)}`,
    );
    return notNull && rows[0]?.empty ? `null value in column "${column}"` : undefined;
  } catch (error) {
    if (error instanceof DatabaseError) return error.message;
    throw error;
  }
}
