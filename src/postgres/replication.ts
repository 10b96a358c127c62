import { until } from "../lib/until.ts";
import { escapeIdentifier } from "pg";
import { UpdaterError } from "../errors.ts";
import { type BlockingSession, lockHolder, sessionOf } from "./blockers.ts";
import { type Database, hasRows, valueOf } from "./connect.ts";
import { endProcesses } from "./end-processes.ts";

/** Milliseconds in which sessions that were ended must be gone. */
const fenceLimitMs = 60_000;

/**
 * Makes a database refuse the application: no new sessions for its role, and the open ones end.
 * `default_transaction_read_only` would be no fence, any session can turn it off.
 * @param onSession is told of one that has not ended within a second
 * @throws UpdaterError `waitedTooLong` after a minute
 */
export async function fence(
  database: Database,
  role: string,
  {
    container,
    signal,
    onSession,
  }: {
    /** Of the database, for the error. */
    readonly container: string;
    readonly signal?: AbortSignal;
    readonly onSession?: (session: BlockingSession | undefined) => void;
  },
): Promise<void> {
  await database.query(`ALTER ROLE ${escapeIdentifier(role)} NOLOGIN`);
  // Ending a session takes effect a moment later, and one that was just being let in shows up late:
  // nothing may be written after the fence.
  const end = performance.now() + fenceLimitMs;
  const theirs = "SELECT pid FROM pg_stat_activity WHERE usename = $1";
  for (let ended = 1; ended > 0;) {
    signal?.throwIfAborted();
    ended = await endProcesses(database, theirs, [role], 1000);
    const session = ended > 0 ? await sessionOf(database, role) : undefined;
    onSession?.(session);
    if (session && performance.now() > end) {
      const awaited = { kind: "session", container, ...session } as const;
      throw new UpdaterError("waitedTooLong", { seconds: fenceLimitMs / 1000, awaited });
    }
  }
}

/** Lets the application in again; safe to repeat. */
export async function liftFence(database: Database, role: string): Promise<void> {
  await database.query(`ALTER ROLE ${escapeIdentifier(role)} LOGIN`);
}

/** Takes to the disk what others have committed without waiting for that. */
export async function flush(database: Database): Promise<void> {
  await database.query("SELECT pg_logical_emit_message(true, 'updater', '')");
}

/** Position before which everything is that has been committed so far; it is on disk. */
export async function flushedPosition(database: Database): Promise<string> {
  await flush(database);
  return (await valueOf<string>(database, "SELECT pg_current_wal_flush_lsn()")) ?? "";
}

/** Position up to which a promoted standby had taken in its primary's log. */
export async function replayedPosition(promoted: Database): Promise<string> {
  return (await valueOf<string>(promoted, "SELECT pg_last_wal_replay_lsn()")) ?? "";
}

/** Bytes of the write-ahead log since a position. */
export async function writtenSince(database: Database, position: string): Promise<number> {
  return Number(await valueOf(database, "SELECT pg_current_wal_flush_lsn() - $1", [position]));
}

export type OnLag = (bytes: number) => void;

/** Bytes of the write-ahead log a standby has still to replay up to a position of its primary. */
async function replayLag(standby: Database, position: string): Promise<number> {
  const query = "SELECT greatest($1::pg_lsn - coalesce(pg_last_wal_replay_lsn(), '0/0'), 0)";
  return Number(await valueOf(standby, query, [position]));
}

/**
 * Waits until a standby has replayed up to a position of its primary.
 * @param options.onLag is told at each look how many bytes are left
 * @throws UpdaterError `standbyLags` after `limitMs`
 */
export async function catchUp(
  standby: Database,
  position: string,
  { limitMs, signal, onLag }: { limitMs: number; signal: AbortSignal; onLag?: OnLag },
): Promise<void> {
  let bytes = 0;
  const caughtUp = async () => {
    bytes = await replayLag(standby, position);
    onLag?.(bytes);
    return bytes === 0;
  };
  const otherwise = () => {
    throw new UpdaterError("standbyLags", { bytes });
  };
  await until(caughtUp, { intervalMs: 5, limitMs, otherwise, signal });
}

/**
 * Lets a standby take in nothing more until `resumeReplay`; it goes on receiving. What is read from it then waits for no
 * lock: replay is not stopped while it holds one of a transaction of the primary's.
 * @param options.onLock is told at each look which session of the primary has such a lock
 * @throws UpdaterError `standbyLocked` when there is one at each look up to `limitMs`; `replayGoesOn` when it does not stop
 */
export async function pauseReplay(
  standby: Database,
  {
    primary,
    limitMs,
    signal,
    onLock,
  }: {
    readonly primary: Database;
    readonly limitMs: number;
    readonly signal: AbortSignal;
    readonly onLock?: (session: BlockingSession | undefined) => void;
  },
): Promise<void> {
  let tables: string[] = [];
  const seconds = limitMs / 1000;
  const otherwise = () => {
    if (tables.length === 0) throw new UpdaterError("replayGoesOn", { seconds });
    throw new UpdaterError("standbyLocked", { seconds, tables });
  };
  const paused = async () => {
    await standby.query("SELECT pg_wal_replay_pause()");
    const rests =
      "SELECT FROM (SELECT pg_get_wal_replay_pause_state() AS state) AS now WHERE state = 'paused'";
    const look = { intervalMs: 20, limitMs, otherwise, signal };
    await until(async () => await hasRows(standby, rests), look);
    const { rows } = await standby.query<{ name: string }>(
      `SELECT DISTINCT l.relation::regclass::text AS name
         FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE a.backend_type = 'startup' AND l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'`,
    );
    tables = rows.map(({ name }) => name);
    if (tables.length > 0) await resumeReplay(standby);
    if (onLock) onLock(tables.length > 0 ? await lockHolder(primary, tables) : undefined);
    return tables.length === 0;
  };
  await until(paused, { intervalMs: 500, limitMs, otherwise, signal });
}

export async function resumeReplay(standby: Database): Promise<void> {
  await standby.query("SELECT pg_wal_replay_resume()");
}

/** Seconds in which a standby must have become a primary. */
const promoteLimitSeconds = 60;

/**
 * Turns a standby into a primary of its own.
 * @throws UpdaterError `notPromoted`
 */
export async function promote(standby: Database): Promise<void> {
  const promoted = await valueOf(standby, "SELECT pg_promote(true, $1)", [promoteLimitSeconds]);
  if (promoted !== true) throw new UpdaterError("notPromoted", { seconds: promoteLimitSeconds });
}

/** Drops a replication slot; one that is gone is fine. */
export async function dropSlot(database: Database, slot: string): Promise<void> {
  // The sender would notice only a moment later that its reader is gone.
  const reading =
    "SELECT active_pid AS pid FROM pg_replication_slots WHERE slot_name = $1 AND active";
  await endProcesses(database, reading, [slot], 5000);
  await database.query(
    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1",
    [slot],
  );
}

/** Drops slots of clones that are not being made any more: each would keep the log for ever. */
export async function dropAbandonedSlots(database: Database, prefix: string): Promise<void> {
  await database.query(
    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE starts_with(slot_name, $1) AND NOT active",
    [prefix],
  );
}

/** Bytes on disk of all databases of a cluster. */
export async function clusterSize(database: Database): Promise<number> {
  return Number(await valueOf(database, "SELECT sum(pg_database_size(oid)) FROM pg_database"));
}
