import { DatabaseError, escapeIdentifier as name } from "pg";
import { type Database, valueOf } from "../connect.ts";
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
  const pairs = new Map(
    matchTables(old.tables, now.tables).pairs.map((pair) => [pair.before.name, pair]),
  );
  const failures: MappingFailure[] = [];
  for (const [table, columns] of Object.entries(map)) {
    for (const [column, expression] of Object.entries(columns)) {
      const { before, after } = pairs.get(table) ?? {};
      const own = before?.columns.find((one) => one.name === column);
      const reason =
        own && after
          ? await failureOf(copy, after.name, own, expression)
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
    const query = `SELECT bool_or((${expression})::${type} IS NULL) FROM public.${name(table)}`;
    const empty = await valueOf<boolean | null>(copy, query);
    return notNull && empty ? `null value in column "${column}"` : undefined;
  } catch (error) {
    if (error instanceof DatabaseError) return error.message;
    throw error;
  }
}
