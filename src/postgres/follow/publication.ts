import { escapeIdentifier as name, escapeLiteral as text } from "pg";
import { z } from "zod";
import { type Database, hasRows, valueOf } from "../connect.ts";
import { dropSlot } from "../replication.ts";
import type { Migrated } from "../rollback-classes.ts";
import type { Schema, Table } from "../schema.ts";
import { matchTables } from "../schema-match.ts";
import type { FollowedTable } from "./followed-table.ts";
import type { FollowPlan, Touched } from "./plan.ts";

/** Publication of the serving database, and its slot that keeps the log for the previous one. */
export const publication = "updater_follow";
export const slot = "updater_follow";

const touched = z.object({
  changed: z.array(z.string()),
  added: z.array(z.string()),
  retired: z.array(z.custom<FollowedTable>()).optional(),
  /** As `countersSince` said; absent in older ones. */
  counters: z.string().optional(),
});

/**
 * From here on everything written to the tables of a plan is kept for the follower. Whole tables: a list of
 * columns would keep the application from dropping one of its own.
 */
export async function publish(
  serving: Database,
  { tables }: FollowPlan,
  touched: Migrated,
): Promise<void> {
  const list = tables.map(published).join(", ");
  // The clone brought along that of the database it was made from. One transaction reaches the disk once.
  await serving.query(`
    DROP PUBLICATION IF EXISTS ${publication};
    CREATE PUBLICATION ${publication}${list && ` FOR TABLE ${list}`};
    ${await noted(serving, touched)}`);
  await serving.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
}

/**
 * The same for tables that were made since, before users write to them.
 * @param anew those
 * @param touched takes the place of what was written down before
 */
export async function publishAlso(
  serving: Database,
  { tables }: FollowPlan,
  anew: readonly Pick<Table, "name">[],
  touched: Touched,
): Promise<void> {
  const followed = tables.filter((table) => anew.some((one) => one.name === table.name));
  const list = followed.map(published).join(", ");
  const add = list && `ALTER PUBLICATION ${publication} ADD TABLE ${list};`;
  await serving.query(`${add} ${await noted(serving, touched)}`);
}

async function noted(serving: Database, touched: Touched): Promise<string> {
  const note = { ...touched, counters: await countersSince(serving) };
  return `COMMENT ON PUBLICATION ${publication} IS ${text(JSON.stringify(note))}`;
}

/** Another one once the database counts anew what is done to its rows: after a crash, or where somebody has asked for it. */
async function countersSince(serving: Database): Promise<string | undefined> {
  return await valueOf(
    serving,
    `SELECT concat_ws(' ', (SELECT extract(epoch FROM stats_reset) FROM pg_stat_database WHERE datname = current_database()),
                           (SELECT extract(epoch FROM stats_reset) FROM pg_stat_wal))`,
  );
}

/** What is known of the rows that were deleted. */
export interface Counted {
  /** Whether the database's counters still tell of all that was done since the tables were published. */
  readonly intact: boolean;
  /** Tables and partitions whose rows the migrations or the first boot touched. */
  readonly touched: ReadonlySet<string>;
}

export async function countedSince(serving: Database): Promise<Counted> {
  const { changed = [], added = [], counters } = (await publishedSince(serving)) ?? {};
  const touched = new Set([...changed, ...added]);
  // Earlier updaters did not note it.
  const intact = counters === undefined || counters === (await countersSince(serving));
  return { intact, touched };
}

/** A row whose key the follower has no room for would stop it. */
function published({ name: table, key }: FollowPlan["tables"][number]): string {
  const fits = key.flatMap(({ name: column, room }) =>
    room ? `${name(column)} BETWEEN ${room[0]} AND ${room[1]}` : [],
  );
  return `public.${name(table)}${fits.length > 0 ? ` WHERE (${fits.join(" AND ")})` : ""}`;
}

/** What is written from here on is users', and counts as lost where a rollback does not keep it. */
export async function countFromHere(serving: Database): Promise<void> {
  // `lossOf` reckons from the transaction that changed the publication last.
  await serving.query(
    `ALTER PUBLICATION ${publication} SET (publish = 'insert, update, delete, truncate')`,
  );
}

/** What the migrations touched, as it was written down when the tables were published; undefined when they are not. */
export async function publishedSince(
  serving: Database,
): Promise<z.infer<typeof touched> | undefined> {
  const query =
    "SELECT obj_description(oid, 'pg_publication') FROM pg_publication WHERE pubname = $1";
  const comment = await valueOf<string | null>(serving, query, [publication]);
  return comment ? touched.parse(JSON.parse(comment)) : undefined;
}

/** Keeps nothing for a follower any more; safe to repeat. */
export async function unpublish(serving: Database): Promise<void> {
  await dropSlot(serving, slot);
  await serving.query(`DROP PUBLICATION IF EXISTS ${publication}`);
}

/** Whether the slot is there and still has all of the log since it was made. */
export async function slotIntact(serving: Database): Promise<boolean> {
  const intact = "SELECT FROM pg_replication_slots WHERE slot_name = $1 AND wal_status <> 'lost'";
  return await hasRows(serving, intact, [slot]);
}

/** Tables that the migrations emptied without a word to the database's counters: by TRUNCATE, or by making them anew. */
export function emptiedTables(old: Schema, now: Schema): string[] {
  return matchTables(old.tables, now.tables).pairs.flatMap(({ before, after }) =>
    !before.empty && after.empty && before.file !== after.file ? after.name : [],
  );
}

/**
 * Tables a database has received rows for, by what the migrations did to them since it began to serve: no user
 * else has written yet. Those of other schemas with their schema.
 */
export async function touchedTables(serving: Database): Promise<Migrated> {
  const { rows } = await serving.query<{ name: string; changed: boolean }>(
    `SELECT concat(nullif(schemaname || '.', 'public.'), relname) AS name, n_tup_upd + n_tup_del > 0 AS changed
       FROM pg_stat_user_tables WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 ORDER BY 1`,
  );
  return {
    changed: rows.filter(({ changed }) => changed).map((row) => row.name),
    added: rows.filter(({ changed }) => !changed).map((row) => row.name),
  };
}
