import { escapeIdentifier } from "pg";
import { type Database, hasRows, valueOf } from "./connect.ts";
import { countOf, source } from "./digest.ts";
import { byName, type Schema, type Sequence } from "./schema.ts";
import { inTransaction } from "./transaction.ts";

export interface SequenceReport {
  readonly sequence: string;
  readonly before: number | null;
  readonly after: number | null;
  /** The column it fills already holds a higher number: the next insertion would fail. */
  readonly behind: boolean;
}

export interface BrokenConstraint {
  readonly table: string;
  readonly constraint: string;
  /** As PostgreSQL writes it. */
  readonly definition: string;
  readonly rows: number;
}

/** Where every sequence stood and stands, and whether its next number is one that a row already has. */
export async function readSequences(
  database: Database,
  before: Schema,
  after: Schema,
): Promise<SequenceReport[]> {
  const earlier = new Map(before.sequences.map((sequence) => [sequence.oid, sequence]));
  const later = new Map(after.sequences.map((sequence) => [sequence.oid, sequence]));
  return await inTransaction(database, async () => {
    const reports: SequenceReport[] = [];
    // Of one that was renamed, the later name.
    for (const { oid, name } of [...new Map([...earlier, ...later]).values()].sort(byName)) {
      const now = later.get(oid);
      reports.push({
        sequence: name,
        before: earlier.get(oid)?.last ?? null,
        after: now?.last ?? null,
        behind: now !== undefined && (await isBehind(database, after, now)),
      });
    }
    return reports;
  });
}

async function isBehind(
  database: Database,
  { tables }: Schema,
  { oid, name, increment }: Sequence,
): Promise<boolean> {
  if (increment < 0) return false;
  for (const table of tables) {
    for (const column of table.columns) {
      // A number may also be made part of a text: there is no telling which is the highest.
      if (column.sequence !== oid || !/^(smallint|integer|bigint)$/.test(column.type)) continue;
      const behind = await hasRows(
        database,
        `SELECT FROM public.${escapeIdentifier(name)}
          WHERE last_value + CASE WHEN is_called THEN $1::bigint ELSE 0 END
             <= (SELECT max(${escapeIdentifier(column.name)}) FROM ${source(table)})`,
        [increment],
      );
      if (behind) return true;
    }
  }
  return false;
}

/**
 * Constraints that rows violate: those that were never checked against the rows there were, and foreign
 * keys that count as checked all the same, as data leaves them that was loaded with triggers off.
 */
export async function brokenConstraints(
  database: Database,
  schema: Schema,
): Promise<BrokenConstraint[]> {
  return await inTransaction(database, async () => {
    const broken: BrokenConstraint[] = [];
    for (const table of schema.tables) {
      for (const { oid, kind, name, definition, validated } of table.constraints) {
        if (kind !== "foreign" && (kind !== "check" || validated)) continue;
        const where =
          kind === "foreign" ? await dangling(database, oid) : await violating(database, oid);
        const rows = await countOf(database, `${source(table)} own WHERE ${where}`);
        if (rows > 0) broken.push({ table: table.name, constraint: name, definition, rows });
      }
    }
    return broken;
  });
}

async function violating(database: Database, constraint: number): Promise<string> {
  const query = "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE oid = $1";
  return `NOT (${await valueOf<string>(database, query, [constraint])})`;
}

/** Condition of rows that refer to none; compared as PostgreSQL itself compares them. */
async function dangling(database: Database, constraint: number): Promise<string> {
  const { rows } = await database.query<{
    table: string;
    full: boolean;
    columns: { own: string; other: string; operator: string }[];
  }>(
    `SELECT format('%s%I.%I', CASE WHEN r.relkind <> 'p' THEN 'ONLY ' END, n.nspname, r.relname) AS table,
            k.confmatchtype = 'f' AS full,
            (SELECT json_agg(json_build_object('own', format('own.%I', a.attname),
                      'other', format('other.%I', b.attname),
                      'operator', format('OPERATOR(%I.%s)', opn.nspname, op.oprname)))
               FROM unnest(k.conkey, k.confkey, k.conpfeqop) AS part (own, other, operator)
               JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = part.own
               JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = part.other
               JOIN pg_operator op ON op.oid = part.operator
               JOIN pg_namespace opn ON opn.oid = op.oprnamespace) AS columns
       FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
       JOIN pg_namespace n ON n.oid = r.relnamespace
      WHERE k.oid = $1`,
    [constraint],
  );
  const { table = "", full = false, columns = [] } = rows[0] ?? {};
  const given = columns.map(({ own }) => `${own} IS NOT NULL`).join(full ? " OR " : " AND ");
  const met = columns
    .map(({ own, other, operator }) => `${other} ${operator} ${own}`)
    .join(" AND ");
  return `(${given}) AND NOT EXISTS (SELECT FROM ${table} other WHERE ${met})`;
}
