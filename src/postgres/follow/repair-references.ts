import { escapeIdentifier as name } from "pg";
import { type Database, hasRows, isDatabaseError } from "../connect.ts";
import { followSchema, keyOf, unguardStatements } from "./apply-triggers.ts";
import type { FollowedTable } from "./followed-table.ts";
import type { FollowPlan } from "./plan.ts";

interface ForeignKey {
  /** Name of its table, with its schema where that is another than `public`. */
  readonly child: string;
  /** For SQL. */
  readonly childPlace: string;
  readonly parentPlace: string;
  readonly columns: readonly string[];
  readonly keys: readonly string[];
  readonly nullable: boolean;
  /** Columns of the child's primary key. */
  readonly primary: readonly string[] | null;
}

/** Those of tables that are named, and of tables of other schemas that refer to one that follows. */
const foreignKeys = `
SELECT CASE cn.nspname WHEN 'public' THEN c.relname ELSE cn.nspname || '.' || c.relname END AS child,
       format('%I.%I', cn.nspname, c.relname) AS "childPlace", format('%I.%I', pn.nspname, p.relname) AS "parentPlace",
       (SELECT array_agg(attname::text ORDER BY n) FROM unnest(k.conkey) WITH ORDINALITY u (number, n)
          JOIN pg_attribute ON attrelid = k.conrelid AND attnum = number) AS columns,
       (SELECT array_agg(attname::text ORDER BY n) FROM unnest(k.confkey) WITH ORDINALITY u (number, n)
          JOIN pg_attribute ON attrelid = k.confrelid AND attnum = number) AS keys,
       NOT EXISTS (SELECT FROM pg_attribute
                    WHERE attrelid = k.conrelid AND attnum = ANY (k.conkey) AND attnotnull) AS nullable,
       (SELECT array_agg(attname::text ORDER BY n)
          FROM pg_index, unnest(indkey::smallint[]) WITH ORDINALITY u (number, n)
          JOIN pg_attribute ON attrelid = k.conrelid AND attnum = number
         WHERE indrelid = k.conrelid AND indisprimary) AS primary
  FROM (SELECT oid, conrelid, confrelid, conkey, confkey FROM pg_constraint
         -- To a table that is divided there is one more for each of its parts.
         WHERE contype = 'f' AND conparentid = 0
           AND (conrelid = ANY ($1) OR (confrelid = ANY ($3) AND (SELECT relnamespace FROM pg_class WHERE oid = conrelid) <> 'public'::regnamespace))
         UNION ALL SELECT 0, child, parent, columns, keys
           FROM jsonb_to_recordset($2) AS loosened (child oid, parent oid, columns smallint[], keys smallint[])) k
  JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
  JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
 ORDER BY k.oid`;

/** Where it is kept what was put right, beside the plan. */
const repairedRows = `${followSchema}.repaired`;

/** A row that was put right, and so is not as users left it. */
export interface Repaired {
  /** Its table, by the name it has while it follows. */
  readonly table: string;
  /** Of its primary key, as `keyOf` writes it. */
  readonly key: string;
  /** The reference that is empty now; nothing when the row is gone. */
  readonly columns: readonly string[];
}

/**
 * Puts rows right that refer to one that is not there: an empty reference where that is allowed, otherwise they
 * go as well. While rows arrive no references are checked. To be called inside a transaction.
 * @returns what is not as users left it; what an earlier rollback has put right before it was undone is among it
 */
export async function repairReferences(
  previous: Database,
  plan: FollowPlan,
): Promise<readonly Repaired[]> {
  const before = await repairedBefore(previous, plan);
  const { referring, tables, loosened = [] } = plan;
  const keys = [referring, JSON.stringify(loosened), tables.map(({ oid }) => oid)];
  const { rows } = await previous.query<ForeignKey>(foreignKeys, keys);
  if (rows.length === 0) return before;
  const settled: Repaired[] = [];
  // A guard takes what is put right for something that arrives, and writes it unseen.
  for (const statement of tables.flatMap(unguardStatements)) await previous.query(statement);
  // Each change alone; the references to what goes have their turn.
  await previous.query("SET LOCAL session_replication_role = replica");
  for (let found = true; found;) {
    found = false;
    for (const reference of rows) {
      const { emptied, deleted } = await putRight(previous, reference);
      if (emptied.length + deleted.length > 0) found = true;
      const columns = knownColumns(reference, tables);
      const told = (some: readonly Row[], columns: readonly string[]) =>
        some.map(({ key }) => ({ table: reference.child, key, columns }));
      // No row has anything else in a column that the serving database does not have.
      if (columns.length > 0) settled.push(...told(emptied, columns));
      settled.push(...told(deleted, []));
    }
  }
  await previous.query("SET LOCAL session_replication_role = origin");
  await previous.query(`CREATE TABLE IF NOT EXISTS ${repairedRows} (repaired jsonb NOT NULL)`);
  const noted = `INSERT INTO ${repairedRows} SELECT jsonb_array_elements($1)`;
  await previous.query(noted, [JSON.stringify(settled)]);
  return [...before, ...settled];
}

/** What rollbacks have put right that were undone, and that nothing has arrived for since. */
export async function repairedBefore(
  previous: Database,
  { tables }: FollowPlan,
): Promise<readonly Repaired[]> {
  const there = "SELECT FROM (SELECT to_regclass($1) AS oid) AS found WHERE oid IS NOT NULL";
  if (!(await hasRows(previous, there, [repairedRows]))) return [];
  const { rows } = await previous.query<{ repaired: Repaired }>(
    `SELECT DISTINCT repaired FROM ${repairedRows} ORDER BY repaired`,
  );
  const all = rows.map(({ repaired }) => repaired);
  const alike = Map.groupBy(all, ({ table, columns }) => JSON.stringify([table, columns]));
  const still: Repaired[] = [];
  for (const some of alike.values()) {
    const { table, columns } = some[0]!;
    const followed = tables.find((one) => one.name === table);
    if (!followed) {
      still.push(...some);
      continue;
    }
    const empty = columns.map((column) => `t.${name(placeOf(followed, column))} IS NULL`);
    const { rows } = await previous.query<{ key: string }>(
      `SELECT key FROM unnest($1::text[]) AS key
         LEFT JOIN public.${name(table)} t ON ${keyOf(followed.key, "t.")} = key
        WHERE ${columns.length === 0 ? `t IS NULL` : empty.join(" AND ")}`,
      [some.map(({ key }) => key)],
    );
    const keys = new Set(rows.map(({ key }) => key));
    still.push(...some.filter(({ key }) => keys.has(key)));
  }
  return still;
}

/** Where a value of a column of the serving database is kept. */
function placeOf({ columns }: FollowedTable, column: string): string {
  const found = columns.find((one) => one.name === column);
  return found?.kind === "converted" ? found.parked : column;
}

/** Those of a reference that the serving database has, by their names there. */
function knownColumns({ child, columns }: ForeignKey, tables: FollowPlan["tables"]): string[] {
  const table = tables.find(({ name: followed }) => followed === child);
  return columns.flatMap((column) => {
    if (table?.gone.includes(column)) return [];
    const parked = table?.columns.find((one) => one.kind === "converted" && one.parked === column);
    return parked?.name ?? column;
  });
}

interface Row {
  /** Of its primary key, as `keyOf` writes it. */
  readonly key: string;
}

interface PutRight {
  /** Whose reference is empty now. */
  readonly emptied: readonly Row[];
  readonly deleted: readonly Row[];
}

async function putRight(previous: Database, reference: ForeignKey): Promise<PutRight> {
  const { childPlace, columns, parentPlace, keys, nullable, primary } = reference;
  const dangling = `${columns.map((column) => `c.${name(column)} IS NOT NULL`).join(" AND ")}
    AND NOT EXISTS (SELECT FROM ${parentPlace} p
      WHERE ${columns.map((column, index) => `p.${name(keys[index] ?? "")} = c.${name(column)}`).join(" AND ")})`;
  const key = keyOf(
    (primary ?? []).map((column) => ({ name: column })),
    "c.",
  );
  const nothing = columns.map((column) => `${name(column)} = NULL`).join(", ");
  const change = async (how: string, which = dangling) =>
    (await previous.query<Row>(`${how} WHERE ${which} RETURNING ${key} AS key`)).rows;
  const [empty, remove] = [`UPDATE ${childPlace} c SET ${nothing}`, `DELETE FROM ${childPlace} c`];
  if (!nullable) return { emptied: [], deleted: await change(remove) };
  const all = await unlessRefused(previous, async () => await change(empty));
  if (all) return { emptied: all, deleted: [] };
  // Some must not be without it, by a rule: each row has its turn.
  const { rows } = await previous.query<{ place: string }>(
    `SELECT c.ctid::text AS place FROM ${childPlace} c WHERE ${dangling}`,
  );
  const [emptied, deleted]: [Row[], Row[]] = [[], []];
  for (const { place } of rows) {
    const here = `c.ctid = '${place}'`;
    const done = await unlessRefused(previous, async () => await change(empty, here));
    if (done) emptied.push(...done);
    else deleted.push(...(await change(remove, here)));
  }
  return { emptied, deleted };
}

/** @returns nothing where a rule of the table refuses it: then nothing has changed */
async function unlessRefused<Result>(
  previous: Database,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  await previous.query("SAVEPOINT put_right");
  try {
    return await work();
  } catch (error) {
    // Of the class of integrity constraints.
    if (!isDatabaseError(error) || !error.code?.startsWith("23")) throw error;
    await previous.query("ROLLBACK TO SAVEPOINT put_right");
    return undefined;
  } finally {
    await previous.query("RELEASE SAVEPOINT put_right").catch(() => undefined);
  }
}
