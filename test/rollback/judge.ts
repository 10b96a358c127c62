import { isDeepStrictEqual } from "node:util";
import { DatabaseError, escapeIdentifier as name, escapeLiteral as literal } from "pg";
import type { Database } from "../../src/postgres/connect.ts";
import type { TableLoss } from "../../src/postgres/follow/loss.ts";
import type { FollowedTable } from "../../src/postgres/follow/followed-table.ts";
import { inTransaction } from "../../src/postgres/transaction.ts";
import type { Followed } from "../support/followed.ts";

/** A row's values by column, as text; by its key. */
export type Rows = ReadonlyMap<string, Readonly<Record<string, string | null>>>;

/** All rows of a table; nothing where there is no such table or key. */
export async function rowsOf(
  database: Database,
  table: string,
  key: readonly string[],
): Promise<Rows> {
  return await inTransaction(database, async () => {
    const parts = key.map((column) => `t.${name(column)}::text`).join(", ");
    const { rows } = await database.query<{ key: string; row: Record<string, string | null> }>(
      `SELECT jsonb_build_array(${parts})::text AS key,
              (SELECT jsonb_object_agg(k, v) FROM jsonb_each_text(to_jsonb(t)) e (k, v)) AS row
         FROM public.${name(table)} t`,
    );
    return new Map(rows.map(({ key: of, row }) => [of, row]));
  });
}

/**
 * Values of the columns that had to be converted, in the type of the serving database; null where the
 * conversion back is refused.
 */
export async function convertedBack(
  previous: Database,
  { own, key, columns }: FollowedTable,
): Promise<Rows> {
  await previous.query(`CREATE OR REPLACE FUNCTION pg_temp.back(value text, is_type text, was_type text)
    RETURNS text LANGUAGE plpgsql AS $$
    DECLARE result text;
    BEGIN
      EXECUTE format('SELECT to_jsonb((%L::%s)::%s) #>> ARRAY[]::text[]', value, is_type, was_type) INTO result;
      RETURN result;
    EXCEPTION WHEN OTHERS THEN RETURN NULL;
    END $$`);
  const converted = columns.filter((column) => column.kind === "converted");
  const parts = key.map((part) => {
    const column = columns.find((one) => one.name === part.name);
    return `t.${name(column && column.kind !== "unknown" ? column.own : part.name)}::text`;
  });
  const values = converted.map(
    (column) =>
      `${literal(column.name)}, pg_temp.back(t.${name(column.own)}::text, ${literal(column.ownType)}, ${literal(column.type)})`,
  );
  const { rows } = await previous.query<{ key: string; row: Record<string, string | null> }>(
    `SELECT jsonb_build_array(${parts.join(", ")})::text AS key, jsonb_build_object(${values.join(", ")}) AS row
       FROM public.${name(own)} t`,
  );
  return new Map(rows.map(({ key: of, row }) => [of, row]));
}

export interface Evidence {
  readonly table: FollowedTable;
  /** Before the swap, in the previous database, by its own names. */
  readonly before: Rows;
  /** As the migrations left it, in the serving one. */
  readonly unbooted: Rows;
  /** While the first boot was under way, in the serving one. */
  readonly booting: readonly Rows[];
  /** As the migrations and the first boot left it, in the serving one. */
  readonly migrated: Rows;
  /** Whether there has been such a row since, in the serving one. */
  readonly existed: (key: string) => boolean;
  /** Whether a column of a row has had this value since, in the serving one. */
  readonly held: (key: string, column: string, value: string) => boolean;
  /** At the rollback, in the serving one. */
  readonly now: Rows;
  /** After it, in the previous one, by its own names. */
  readonly after: Rows;
  /** The same, of columns with another type, by the serving one's names and in its types. */
  readonly back: Rows;
}

/** What of a followed table is not as promised. */
export function judge(evidence: Evidence, losses: readonly TableLoss[], kind: string): string[] {
  const { table, before, booting, migrated, existed, now, after } = evidence;
  const loss = losses.find((one) => one.table === table.name);
  const lost = new Map(loss?.rows.map((row) => [row.key, row.columns]));
  const problems: string[] = [];
  if (kind === "lossless" && lost.size > 0) problems.push(`${table.name}: lossless, and lost`);
  for (const [key, row] of now) {
    const given = lost.get(key);
    if (after.has(key)) {
      const wrong = table.columns.flatMap((column) => judgeValue(evidence, key, column, given));
      problems.push(...wrong.map((problem) => `${table.name} ${key} ${problem}`));
      continue;
    }
    // What the migrations added, and nobody wrote to, is nobody's loss.
    const added = !before.has(key) && isDeepStrictEqual(migrated.get(key), row);
    if (!given && !added) problems.push(`${table.name} ${key}: missing`);
  }
  for (const key of after.keys()) {
    if (now.has(key)) continue;
    // What boot wrote to a table that it then made anew has arrived.
    const known = [before, ...booting].some((rows) => rows.has(key));
    const isTold = (loss?.deleted ?? 0) > 0;
    if (!known && !(isTold && existed(key))) problems.push(`${table.name} ${key}: from nowhere`);
    // What the migrations removed has its rows again.
    if (migrated.has(key) && !isTold) problems.push(`${table.name} ${key}: there again`);
  }
  return problems.map((problem) => problem.slice(0, 200));
}

/** What of one value of a row that both have is not as promised. */
function judgeValue(
  { before, unbooted, booting, migrated, held, now, after, back }: Evidence,
  key: string,
  column: FollowedTable["columns"][number],
  given: readonly string[] | undefined,
): string[] {
  const [was, there] = [before.get(key), after.get(key)!];
  const value = now.get(key)?.[column.name];
  const said = given && (given.length === 0 || given.includes(column.name));
  // The migration made it what it is.
  const unwritten = migrated.has(key) && alike(value, migrated.get(key)?.[column.name]);
  if (column.kind === "unknown") {
    // The same in all rows there were, as JSON writes it: its own null as nothing.
    const [any] = migrated.values();
    const fill = column.fill == null ? null : any?.[column.name];
    if (said || unwritten || alike(value, fill)) return [];
    if (column.computed !== undefined && alike(value, there[column.computed])) return [];
    return [`${column.name}: ${value} is lost`];
  }
  const kept = column.kind === "same" ? there[column.own] : (back.get(key)?.[column.name] ?? null);
  const asBefore = alike(there[column.own], was?.[column.own]);
  if (alike(value, kept)) {
    const made = unwritten && alike(value, unbooted.get(key)?.[column.name]);
    // By a change of another column.
    if (!was || !made || said || asBefore) return [];
    return [`${column.name}: ${kept}, which it has been made from ${was[column.own]}`];
  }
  // A new row gets the previous version's own default, where it could not take the value.
  const usual = column.kind === "converted" && !was;
  // What boot wrote to a table that it then made anew has arrived.
  const booted = booting.some((rows) => alike(rows.get(key)?.[column.name], kept));
  const earlier = asBefore || usual || held(key, column.name, kept ?? "");
  return [
    ...(!said && !(unwritten && (asBefore || usual || booted))
      ? [`${column.name}: ${kept} for ${value}`]
      : []),
    ...(said && kept != null && !earlier
      ? [`${column.name}: ${kept}, which it has never been`]
      : []),
  ];
}

/**
 * What of a table that does not follow is lost and not told: its rows, as texts, when users came and at the rollback, and
 * those in the previous database after it.
 */
export function judgeOther(
  table: string,
  {
    came,
    now,
    after,
  }: {
    readonly came: readonly string[];
    readonly now: readonly string[];
    readonly after: readonly string[];
  },
  losses: readonly TableLoss[],
): string[] {
  const loss = losses.find((one) => one.table === table);
  const written = now.filter((row) => !came.includes(row)).length;
  if (written > (loss?.rows.length ?? 0)) return [`${table}: not told of ${written}`];
  // One that was changed is there again as well.
  const again = after.filter((row) => came.includes(row) && !now.includes(row)).length;
  if (again <= (loss?.deleted ?? 0) + written) return [];
  return [`${table}: not told of ${again} that are there again`];
}

/** All rows of a table as texts; none where there is no such table. */
export async function textsOf(database: Database, table: string): Promise<string[]> {
  if (await isRefused(database, `SELECT FROM ${table}`)) return [];
  const { rows } = await database.query<{ row: string }>(`SELECT t::text AS row FROM ${table} t`);
  return rows.map(({ row }) => row);
}

/** The same value, in types that write it differently. */
export function alike(one: string | null | undefined, other: string | null | undefined): boolean {
  return (
    one === other || (one != null && other != null && one !== "" && Number(one) === Number(other))
  );
}

/** Rules of the previous version that its database breaks, and tables that take no new row. */
export async function brokenRules({ previous }: Pick<Followed, "previous">): Promise<string[]> {
  const { rows } = await previous.query<{ table: string; name: string; definition: string }>(
    `SELECT conrelid::regclass::text AS table, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition
       FROM pg_constraint WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace`,
  );
  const broken: string[] = [];
  for (const { table, name: rule, definition } of rows) {
    const again = `ALTER TABLE ${table} DROP CONSTRAINT ${rule}, ADD CONSTRAINT ${rule} ${definition}`;
    if (await isRefused(previous, again)) broken.push(`${table} breaks ${rule}: ${definition}`);
  }
  return broken;
}

export async function isRefused(database: Database, statement: string): Promise<boolean> {
  try {
    await database.query(statement);
    return false;
  } catch (error) {
    if (error instanceof DatabaseError) return true;
    throw error;
  }
}
