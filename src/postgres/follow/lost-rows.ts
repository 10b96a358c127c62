import { escapeIdentifier as name, escapeLiteral } from "pg";
import type { Database } from "../connect.ts";
import { keyOf } from "./apply-triggers.ts";
import { largeObjects, type TableLoss } from "./loss.ts";
import type { FollowedTable } from "./followed-table.ts";
import type { FollowPlan } from "./plan.ts";

/** The rows of one table that a rollback does not keep, as the serving database has them. */
export interface LostRows {
  readonly table: string;
  readonly columns: readonly string[];
  /** Values as text, by column. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** SQL that brings them back into a database of the version they were written with. */
  readonly statements: readonly string[];
}

/** Reads rows that `lossOf` told of, in the transaction in which it did. */
export async function readLost(
  serving: Database,
  losses: readonly TableLoss[],
  { tables }: FollowPlan,
): Promise<LostRows[]> {
  const read: LostRows[] = [];
  for (const loss of losses) {
    const followed = tables.find((table) => table.name === loss.table);
    read.push(
      loss.table === largeObjects
        ? await readObjects(serving, loss)
        : await readTable(serving, loss, followed),
    );
  }
  return read;
}

async function readTable(
  serving: Database,
  { table, place: there = `public.${name(table)}`, rows: lost, deleted }: TableLoss,
  planned: FollowedTable | undefined,
): Promise<LostRows> {
  const back = `-- ${table}: users deleted rows that are there again (about ${deleted})`;
  // The table itself may be no more.
  if (lost.length === 0) return { table, columns: [], rows: [], statements: [back] };
  const { rows: found } = await serving.query<{ column: string }>(
    `SELECT attname AS column FROM pg_attribute
      WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`,
    [there],
  );
  const columns = found.map(({ column }) => column);
  // By a key that is no more `lossOf` has told of no row.
  const isKnown = planned?.key.every((column) => columns.includes(column.name));
  const followed = isKnown ? planned : undefined;
  const place = "tableoid || ':' || ctid";
  const key = followed ? keyOf(followed.key, "t.") : place;
  const { rows } = await serving.query<{ key: string; place: string; values: (string | null)[] }>(
    `SELECT ${key} AS key, ${place} AS place, ARRAY[${columns.map((column) => `t.${name(column)}::text`).join(", ")}]::text[] AS values
       FROM ${there} t WHERE ${key} = ANY ($1) OR ${place} = ANY ($1)`,
    [lost.map((row) => row.key)],
  );
  const lostColumns = new Map(lost.map((row) => [row.key, row.columns]));
  const statements = rows.flatMap((row) => {
    const values = new Map(columns.map((column, index) => [column, literal(row.values[index])]));
    const told = lostColumns.get(row.key) ?? [];
    // One of the previous version's own has nothing here to bring back.
    const only = told.filter((column) => values.has(column));
    if (told.length > 0 && only.length === 0) return [];
    return followed && only.length > 0
      ? `UPDATE ${there} SET ${assignments(only, values).join(", ")} WHERE ${assignments(
          followed.key.map((column) => column.name),
          values,
        ).join(" AND ")};`
      : `INSERT INTO ${there} (${columns.map(name).join(", ")}) OVERRIDING SYSTEM VALUE VALUES (${[...values.values()].join(", ")}) ON CONFLICT DO NOTHING;`;
  });
  return {
    table,
    columns,
    rows: rows.map(({ values }) => values),
    statements: deleted > 0 ? [back, ...statements] : statements,
  };
}

async function readObjects(serving: Database, { table, rows: lost }: TableLoss): Promise<LostRows> {
  const { rows } = await serving.query<{ oid: string; owner: string; data: string }>(
    `SELECT oid::text, lomowner::regrole::text AS owner, lo_get(oid)::text AS data
       FROM pg_largeobject_metadata WHERE oid::text = ANY ($1) ORDER BY oid`,
    [lost.map(({ key }) => key)],
  );
  return {
    table,
    columns: ["oid", "data"],
    rows: rows.map(({ oid, data }) => [oid, data]),
    statements: rows.flatMap(({ oid, owner, data }) => [
      `SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid = ${oid};`,
      `SELECT lo_from_bytea(${oid}, ${escapeLiteral(data)});`,
      `ALTER LARGE OBJECT ${oid} OWNER TO ${owner};`,
    ]),
  };
}

function assignments(
  columns: readonly string[],
  values: ReadonlyMap<string, string>,
): readonly string[] {
  return columns.map((column) => `${name(column)} = ${values.get(column) ?? "NULL"}`);
}

function literal(value: string | null | undefined): string {
  return value == null ? "NULL" : escapeLiteral(value);
}
