import { escapeIdentifier as name, escapeLiteral as text } from "pg";
import { type Database, hasRows } from "../connect.ts";
import { hashOf } from "../digest.ts";
import type { Schema } from "../schema.ts";
import { inTransaction } from "../transaction.ts";
import { columnsOf, someAtATime, wantedRows } from "./by-key.ts";
import type { FollowedTable } from "./followed-table.ts";
import type { FollowPlan } from "./plan.ts";
import { unwritten } from "./written-rows.ts";

/** Both sides of a swap, as they are before the previous database follows. */
interface Sides {
  readonly serving: Database;
  readonly previous: Database;
  readonly old: Schema;
  readonly now: Schema;
}

/** A column of both, with its name and its type in each. */
interface Both {
  readonly name: string;
  readonly type: string;
  readonly own: string;
  readonly ownType: string;
}

/**
 * Tables in which the migrations gave rows other values without a word to the database's counters: where they changed the
 * type of a column, or copied all rows. What had been in them would be replaced by any change of the row.
 */
export async function replacedTables(
  { serving, previous, old, now }: Sides,
  { tables }: FollowPlan,
): Promise<string[]> {
  const replaced: string[] = [];
  for (const table of tables) {
    const was = old.tables.find(({ oid }) => oid === table.oid);
    const is = now.tables.find((one) => one.name === table.name);
    if (!was || !is || table.retired || table.changed || was.file === is.file) continue;
    const types = new Map(was.columns.map((column) => [column.name, column.type]));
    const both = table.columns.flatMap((column): Both[] =>
      column.kind === "unknown"
        ? []
        : [{ ...column, ownType: types.get(column.own) ?? column.type }],
    );
    await previous.query(sameValue);
    const look = async () => await hasReplaced(serving, previous, table, both);
    const found = await inTransaction(serving, async () => await inTransaction(previous, look));
    if (found) replaced.push(table.name);
  }
  return replaced;
}

/**
 * Whether a value comes from another one of another type: a number may only be written otherwise. Of what was written
 * since it cannot be told what it was: there the types alone say whether the other one could be kept. Made outside
 * `inTransaction`: where a day begins is for the database to say, as for what arrives.
 */
const sameValue = `
  CREATE OR REPLACE FUNCTION pg_temp.is_same(was text, was_type text, "is" text, is_type text, is_written boolean)
  RETURNS boolean LANGUAGE plpgsql SET timezone FROM CURRENT AS $$
  DECLARE
    same boolean;
  BEGIN
    IF is_written THEN
      EXECUTE format('SELECT (%L::%s)::%s', was, was_type, is_type) INTO "is";
    END IF;
    EXECUTE format('SELECT (%L::%s)::%s::text IS NOT DISTINCT FROM %L::%s::text', "is", is_type, was_type, was, was_type)
      INTO same;
    RETURN same;
  EXCEPTION WHEN OTHERS THEN
    RETURN false;
  END $$`;

async function hasReplaced(
  serving: Database,
  previous: Database,
  { name: table, own, key }: FollowedTable,
  both: readonly Both[],
): Promise<boolean> {
  const ownKey = key.map((column) => both.find((one) => one.name === column.name)!);
  const [ownKeys, ownValues] = [
    texts(ownKey.map((one) => one.own)),
    texts(both.map((one) => one.own)),
  ];
  const all = `SELECT ${ownKeys}, ${hashOf(`ARRAY[${ownValues}]::text`)} FROM public.${name(own)} t`;
  const differing = differingRows(table, key, both);
  const replaced = replacedRows(own, ownKey, both);
  for await (const some of someAtATime(previous, all)) {
    const asked = { text: differing, values: columnsOf(some), rowMode: "array" } as const;
    const { rows } = await serving.query<(string | null)[]>(asked);
    if (rows.length > 0 && (await hasRows(previous, replaced, columnsOf(rows)))) return true;
  }
  return false;
}

const texts = (columns: readonly string[]) =>
  columns.map((column) => `t.${name(column)}::text`).join(", ");

/** Of rows of the previous database, by key and hash, those that the serving one has otherwise; and whether they were written since the migrations. */
function differingRows(table: string, key: FollowedTable["key"], both: readonly Both[]): string {
  const { from, found } = wantedRows(key, ["bigint"]);
  const values = texts(both.map((one) => one.name));
  // Not joined by JOIN: `xmin` would have to be called the table's.
  return `SELECT ${texts(key.map((one) => one.name))}, NOT (${unwritten}), ${values} FROM ${from}, public.${name(table)} t
    WHERE ${found} AND ${hashOf(`ARRAY[${values}]::text`)} <> wanted.v0`;
}

/** Of these, those in the previous database that the serving one's values do not come from. */
function replacedRows(own: string, ownKey: readonly Both[], both: readonly Both[]): string {
  const key = ownKey.map((one) => ({ name: one.own, type: one.ownType }));
  const { from, found } = wantedRows(key, ["boolean", ...both.map(() => "text")]);
  const replaced = both.map((one, index) => {
    const [was, is] = [`t.${name(one.own)}::text`, `wanted.v${index + 1}`];
    const types = [text(one.ownType), text(one.type)] as const;
    return `(${was} IS DISTINCT FROM ${is} AND NOT pg_temp.is_same(${was}, ${types[0]}, ${is}, ${types[1]}, wanted.v0))`;
  });
  return `SELECT FROM ${from} JOIN public.${name(own)} t ON ${found} WHERE ${replaced.join(" OR ")} LIMIT 1`;
}
