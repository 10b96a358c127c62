import type { Client } from "pg";
import type { Wait } from "../text/catalogue.ts";

type Database = Pick<Client, "query">;

/** A session of a database, as those who wait for it are told. */
export type BlockingSession = Omit<Extract<Wait, { kind: "session" }>, "kind" | "container">;

/** Its process, whose it is, since when, and the beginning of its statement, without the values in it: they are users'. */
const described = `pid, coalesce(nullif(concat_ws(' ', usename, nullif(application_name, '')), ''), backend_type) AS who,
       coalesce(xact_start, backend_start) AS since,
       left(regexp_replace(regexp_replace(query, $r$'[^']*('|$)$r$, $r$'…'$r$, 'g'), '[[:space:]]+', ' ', 'g'), 80) AS statement`;

/**
 * The oldest transaction that has written, is not at its end, and has been open for longer than `milliseconds`: who has waited
 * for all of them for so long waits for it. Undefined when there is none.
 */
export async function oldestWriter(
  database: Database,
  milliseconds: number,
): Promise<BlockingSession | undefined> {
  return await firstOf(
    database,
    `WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
       AND clock_timestamp() - xact_start > make_interval(secs => $1)`,
    milliseconds / 1000,
  );
}

/** Those that wait: one process, what an application has opened, or all of the database. */
export type Waiting =
  | { readonly pid: number }
  | { readonly application: string }
  | { readonly database: true };

/** Who keeps others waiting for a lock, and waits for nobody; undefined when nobody does. */
export async function blockerOf(
  database: Database,
  waiting: Waiting,
): Promise<BlockingSession | undefined> {
  const [condition, value] =
    "pid" in waiting
      ? (["pid = $1::int", waiting.pid] as const)
      : "application" in waiting
        ? (["application_name = $1", waiting.application] as const)
        : (["$1 AND datname = current_database()", true] as const);
  return await firstOf(
    database,
    `WHERE cardinality(pg_blocking_pids(pid)) = 0 AND pid IN (
       WITH RECURSIVE chain (pid, length) AS (
         SELECT unnest(pg_blocking_pids(pid)), 1 FROM pg_stat_activity WHERE ${condition}
          UNION SELECT unnest(pg_blocking_pids(pid)), length + 1 FROM chain WHERE length < 10)
       SELECT pid FROM chain)`,
    value,
  );
}

/** Whose transaction has locked one of these tables (by its name, as SQL has it) against everybody. */
export async function lockHolder(
  database: Database,
  tables: readonly string[],
): Promise<BlockingSession | undefined> {
  return await firstOf(
    database,
    `WHERE pid IN (SELECT pid FROM pg_locks
       WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock' AND granted
         AND relation IN (SELECT to_regclass(name) FROM unnest($1::text[]) AS name))`,
    tables,
  );
}

/** One that is still there of a role whose sessions were ended. */
export async function sessionOf(
  database: Database,
  role: string,
): Promise<BlockingSession | undefined> {
  return await firstOf(database, "WHERE usename = $1 AND pid <> pg_backend_pid()", role);
}

/** The session among those of a condition whose transaction is the oldest. */
async function firstOf(
  database: Database,
  condition: string,
  value: unknown,
): Promise<BlockingSession | undefined> {
  const { rows } = await database.query<BlockingSession & { since: Date }>(
    `SELECT ${described} FROM pg_stat_activity ${condition} ORDER BY coalesce(xact_start, backend_start) LIMIT 1`,
    [value],
  );
  return rows[0] && { ...rows[0], since: rows[0].since.toISOString() };
}
