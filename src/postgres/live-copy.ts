import { escapeIdentifier as name, escapeLiteral as text } from "pg";
import { z } from "zod";
import { called, type Part } from "./carried.ts";
import { type Database, hasRows, valueOf } from "./connect.ts";
import { endProcesses } from "./end-processes.ts";
import { endSubscription } from "./follow/follower.ts";
import { dropSlot } from "./replication.ts";

/** Publication of a database that is copied while it is written to, and the subscription of its copy. */
const publication = "updater_move";
export const subscription = "updater_move";

/** Slots are the whole cluster's: several sites of it may move. */
export const slotOf = (instance: string) => `${publication}_${instance.replaceAll("-", "_")}`;

/** A setting of a server, and what it is to be. */
export interface Setting {
  readonly name: string;
  readonly value: string;
}

/** Slots and senders that a copy takes: its own, and two for tables whose rows it fetches. */
const needed = 3;
/** More than that, where there are too few: one restart is to be enough. */
const ample = 10;

/** Without these a server that has logical slots does not start. */
const slotsNeed = ["wal_level", "max_replication_slots"];
const comeWithRestart = [...slotsNeed, "max_wal_senders"];

/** What is to be set before a server can be copied from, for which it must be restarted; nothing where it can be already. */
export async function restartSettings(source: Database): Promise<readonly Setting[]> {
  const { rows } = await source.query<{
    level: string;
    slots: number;
    slotsUsed: number;
    senders: number;
    sendersUsed: number;
  }>(
    `SELECT current_setting('wal_level') AS level,
            current_setting('max_replication_slots')::int AS slots,
            (SELECT count(*) FROM pg_replication_slots)::int AS "slotsUsed",
            current_setting('max_wal_senders')::int AS senders,
            (SELECT count(*) FROM pg_stat_replication)::int AS "sendersUsed"`,
  );
  const { level, slots, slotsUsed, senders, sendersUsed } = rows[0]!;
  const enough = (setting: string, there: number, used: number) =>
    there - used < needed ? [{ name: setting, value: String(used + ample) }] : [];
  return [
    ...(level === "logical" ? [] : [{ name: "wal_level", value: "logical" }]),
    ...enough("max_replication_slots", slots, slotsUsed),
    ...enough("max_wal_senders", senders, sendersUsed),
  ];
}

/** What a copy that nobody reads any more may keep of the log on the disk of its source. */
const mostKept: Setting = { name: "max_slot_wal_keep_size", value: "4GB" };

/** The same without a restart. Where others have slots, how much these keep is theirs to say. */
async function boundingSettings(source: Database): Promise<readonly Setting[]> {
  const unbounded = `SELECT WHERE current_setting('${mostKept.name}', true) = '-1' AND NOT EXISTS (SELECT FROM pg_replication_slots)`;
  return (await hasRows(source, unbounded)) ? [mostKept] : [];
}

/** What ALTER SYSTEM has set each of these to; null: nothing. Tells this session what is pending, too. */
async function altered(
  source: Database,
  settings: readonly string[],
): Promise<Readonly<Record<string, string | null>>> {
  const { rows } = await source.query<{ name: string; setting: string }>(
    `SELECT name, setting FROM pg_file_settings
      WHERE sourcefile = current_setting('data_directory') || '/postgresql.auto.conf' AND name = ANY ($1) ORDER BY seqno`,
    [settings],
  );
  return {
    ...Object.fromEntries(settings.map((one) => [one, null])),
    ...Object.fromEntries(rows.map((one) => [one.name, one.setting])),
  };
}

async function alterSystem(source: Database, setting: string, to: string | null): Promise<void> {
  const change = to === null ? `RESET ${name(setting)}` : `SET ${name(setting)} = ${text(to)}`;
  await source.query(`ALTER SYSTEM ${change}`);
}

/** What is in force and would not be after a restart, such as what an earlier copy has put back. */
async function keptSettings(source: Database): Promise<readonly Setting[]> {
  const { rows } = await source.query<Setting>(
    "SELECT name, setting AS value FROM pg_settings WHERE pending_restart AND name = ANY ($1)",
    [comeWithRestart],
  );
  return rows;
}

/** Milliseconds in which a sender that was ended must be gone. */
const endLimitMs = 5_000;

/** What is to be put back on a server, as it is written down there. */
const noted = z.object({
  /** Its own slot. */
  slot: z.string(),
  /** Number of the cluster that the copy is in: by it the slots that fetch rows are called. */
  system: z.string(),
  /** What ALTER SYSTEM had set each of these to; null: nothing. */
  settings: z.record(z.string(), z.string().nullable()),
});

/**
 * Prepares a server for being copied from, and writes down there what is to be put back by `endCopying`.
 * @param copy the database that the copy will be
 * @param restart what comes into force with a restart
 */
export async function beginCopying(
  source: Database,
  { slot, copy, restart }: { slot: string; copy: Database; restart: readonly Setting[] },
): Promise<void> {
  const before = await altered(source, [...comeWithRestart, mostKept.name]);
  const asked = [...restart, ...(await boundingSettings(source))];
  // However it comes to be restarted, it starts with the slots of the copy.
  const kept = (await keptSettings(source)).filter((one) =>
    asked.every(({ name: other }) => other !== one.name),
  );
  const settings = [...asked, ...kept];
  const system = await valueOf<string>(
    copy,
    "SELECT system_identifier::text FROM pg_control_system()",
  );
  const note: z.input<typeof noted> = {
    slot,
    system: system ?? "",
    settings: Object.fromEntries(settings.map((one) => [one.name, before[one.name] ?? null])),
  };
  // Where that is refused, nothing is made: it could not be taken back either.
  for (const [setting, is] of Object.entries(note.settings)) {
    await alterSystem(source, setting, is);
  }
  await source.query(`CREATE PUBLICATION ${publication};
    COMMENT ON PUBLICATION ${publication} IS ${text(JSON.stringify(note))}`);
  for (const { name: setting, value } of settings) await alterSystem(source, setting, value);
  await source.query("SELECT pg_reload_conf()");
}

/**
 * Leaves nothing of a copy on its source: slots, settings, publication. Safe to repeat, and where there was none. What came into
 * force with a restart goes with the next one; where others have slots that need it, it stays.
 */
export async function endCopying(source: Database): Promise<void> {
  const { rows } = await source.query<{ comment: string | null }>(
    "SELECT obj_description(oid, 'pg_publication') AS comment FROM pg_publication WHERE pubname = $1",
    [publication],
  );
  const [found] = rows;
  if (!found) return;
  if (found.comment !== null) {
    const { slot, system, settings } = noted.parse(JSON.parse(found.comment));
    // One that is about to make its slot is not to make it behind our back.
    const senders = `SELECT pid FROM pg_stat_activity WHERE backend_type = 'walsender' AND datname = current_database()
        AND (application_name = $1 OR application_name ~ ('^pg_\\d+_sync_\\d+_' || $2 || '$'))`;
    await endProcesses(source, senders, [subscription, system], endLimitMs);
    const { rows: slots } = await source.query<{ name: string }>(
      `SELECT slot_name AS name FROM pg_replication_slots
        WHERE slot_name = $1 OR slot_name ~ ('^pg_\\d+_sync_\\d+_' || $2 || '$')`,
      [slot, system],
    );
    for (const one of slots) await dropSlot(source, one.name);
    // With a logical slot, a server that is not to have any would not start: neither with ours, nor with somebody else's.
    const others = "SELECT FROM pg_replication_slots WHERE slot_type = 'logical'";
    const stay = (await hasRows(source, others)) ? slotsNeed : [];
    const now = await altered(source, Object.keys(settings));
    for (const [setting, before] of Object.entries(settings)) {
      if (stay.includes(setting) || now[setting] === before) continue;
      await alterSystem(source, setting, before);
    }
    await source.query("SELECT pg_reload_conf()");
  }
  await source.query(`DROP PUBLICATION IF EXISTS ${publication}`);
}

/** Lets what is written to these tables reach the copy. */
export async function publishTables(source: Database, tables: readonly Part[]): Promise<void> {
  // Tables that inherit from one would come with it, though they cannot be told apart themselves.
  const list = tables.map((table) => `ONLY ${table.name}`).join(", ");
  if (list !== "") await source.query(`ALTER PUBLICATION ${publication} SET TABLE ${list}`);
}

/**
 * Lets a database that has the tables of another, and no rows, take these in, and then what is written to them.
 * @param from how it reaches that, for libpq
 */
export async function subscribe(copy: Database, from: string, slot: string): Promise<void> {
  await copy.query(
    `CREATE SUBSCRIPTION ${subscription} CONNECTION ${text(from)} PUBLICATION ${publication}
       WITH (slot_name = ${slot}, disable_on_error = true)`,
  );
}

export async function unsubscribe(copy: Database): Promise<void> {
  await endSubscription(copy, subscription);
}

export interface CopyProgress {
  /** It has not stopped at an error. */
  readonly working: boolean;
  /** Tables whose rows are not all there yet. */
  readonly left: number;
  readonly bytes: number;
}

export async function copyProgress(copy: Database): Promise<CopyProgress> {
  const { rows } = await copy.query<CopyProgress>(
    `SELECT s.subenabled AS working, count(r.*) FILTER (WHERE r.srsubstate <> 'r')::int AS left,
            coalesce(sum(pg_table_size(r.srrelid)), 0)::float8 AS bytes
       FROM pg_subscription s LEFT JOIN pg_subscription_rel r ON r.srsubid = s.oid WHERE s.subname = $1 GROUP BY s.oid`,
    [subscription],
  );
  return rows[0] ?? { working: false, left: 0, bytes: 0 };
}

/** Lets what a role loads into a database set no triggers off: they have done their work where it comes from. */
export async function withoutTriggers(
  copy: Database,
  { name: database, role }: { readonly name: string; readonly role: string },
  load: () => Promise<void>,
): Promise<void> {
  const sessions = `ALTER ROLE ${name(role)} IN DATABASE ${name(database)}`;
  await copy.query(`${sessions} SET session_replication_role = replica`);
  await load();
  await copy.query(`${sessions} RESET session_replication_role`);
}

/**
 * Lets none of a database's triggers act on what is copied, not even those that are to act on it elsewhere (ALWAYS, REPLICA): they
 * have done their work, and would as the superuser. Rules never do.
 * @returns what puts them back
 */
export async function disableTriggers(copy: Database): Promise<readonly string[]> {
  const { rows } = await copy.query<{ table: string; trigger: string; enabled: string }>(
    `SELECT ${called} AS table, quote_ident(t.tgname) AS trigger,
            CASE t.tgenabled WHEN 'A' THEN 'ALWAYS' ELSE 'REPLICA' END AS enabled
       FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE t.tgenabled IN ('A', 'R')`,
  );
  for (const { table, trigger } of rows) {
    await copy.query(`ALTER TABLE ONLY ${table} DISABLE TRIGGER ${trigger}`);
  }
  return rows.map(
    ({ table, trigger, enabled }) =>
      `ALTER TABLE ONLY ${table} ENABLE ${enabled} TRIGGER ${trigger}`,
  );
}

/** Fills materialized views, in the order they were made in. */
export async function refreshViews(copy: Database, views: readonly string[]): Promise<void> {
  for (const view of views) await copy.query(`REFRESH MATERIALIZED VIEW ${view}`);
}
