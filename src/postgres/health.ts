import { type Database, valueOf } from "./connect.ts";

export interface Setting {
  readonly name: string;
  readonly value: string;
  /** A change counts after a restart only. */
  readonly restart: boolean;
}

/** Settings by name, as `SHOW` prints them. */
export async function readSettings(
  database: Database,
  names: readonly string[],
): Promise<Map<string, Setting>> {
  const { rows } = await database.query<Setting>(
    `SELECT name, current_setting(name) AS value, context = 'postmaster' AS restart
       FROM pg_settings WHERE name = ANY ($1)`,
    [names],
  );
  return new Map(rows.map((row) => [row.name, row]));
}

export interface LongTransaction {
  readonly pid: number;
  readonly who: string;
  readonly minutes: number;
  readonly state: string;
}

/** Transactions of clients that have been open for longer than `seconds`, the oldest first. */
export async function longTransactions(
  database: Database,
  seconds: number,
): Promise<LongTransaction[]> {
  const { rows } = await database.query<LongTransaction>(
    `SELECT pid, concat_ws(' ', usename, nullif(application_name, '')) AS who,
            floor(extract(epoch FROM clock_timestamp() - xact_start) / 60)::int AS minutes, state
       FROM pg_stat_activity
      WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
        AND clock_timestamp() - xact_start > make_interval(secs => $1)
      ORDER BY xact_start`,
    [seconds],
  );
  return rows;
}

export interface ReplicationSlot {
  readonly name: string;
  readonly active: boolean;
  /** Bytes of the write-ahead log kept for it; 0 when it keeps none any more. */
  readonly bytes: number;
  /** More was written than it may keep. */
  readonly lost: boolean;
}

export async function replicationSlots(database: Database): Promise<ReplicationSlot[]> {
  const { rows } = await database.query<ReplicationSlot>(
    `SELECT slot_name AS name, active, coalesce(to_jsonb(s) ->> 'wal_status' = 'lost', false) AS lost,
            coalesce(pg_current_wal_lsn() - restart_lsn, 0)::float8 AS bytes
       FROM pg_replication_slots s ORDER BY slot_name`,
  );
  return rows;
}

export async function serverVersion(database: Database): Promise<string> {
  const query = "SELECT split_part(current_setting('server_version'), ' ', 1)";
  return (await valueOf<string>(database, query)) ?? "?";
}
