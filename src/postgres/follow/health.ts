import { type Database, majorOf } from "../connect.ts";
import { subscription } from "./follower.ts";
import { followSchema } from "./apply-triggers.ts";
import type { FollowPlan } from "./plan.ts";
import { slot } from "./publication.ts";

export interface Following {
  /** working: it takes in what is written. stopped: it should, and does not. lost: more was written than is kept for it. */
  readonly state: "working" | "stopped" | "lost";
  /** Bytes of the serving database's log it has still to take in. */
  readonly lag: number;
  /** Bytes of log the serving database keeps for it, and how many it may keep at most; null without a limit. */
  readonly kept: number;
  readonly limit: number | null;
  /** Rows it could not take, in all or in some columns. */
  readonly refused: number;
  /** One of them. */
  readonly example: {
    readonly table: string;
    readonly key: string;
    readonly reason: string;
  } | null;
}

export async function followingState(
  serving: Database,
  previous: Database,
  { tables }: FollowPlan,
): Promise<Following> {
  const { rows: slots } = await serving.query<
    Pick<Following, "lag" | "kept" | "limit"> & { lost: boolean }
  >(
    `SELECT wal_status = 'lost' AS lost,
            coalesce(pg_current_wal_flush_lsn() - confirmed_flush_lsn, 0)::float AS lag,
            coalesce(pg_current_wal_flush_lsn() - restart_lsn, 0)::float AS kept,
            nullif(pg_size_bytes(current_setting('max_slot_wal_keep_size')), -1024 * 1024)::float AS limit
       FROM pg_replication_slots WHERE slot_name = $1`,
    [slot],
  );
  // One that fails is started again every second, and lives for a moment. Older ones do not count that.
  const failed =
    (await majorOf(previous)) >= 15
      ? "(SELECT apply_error_count > 0 FROM pg_stat_subscription_stats e WHERE e.subid = s.subid)"
      : "false";
  const { rows: workers } = await previous.query<{ works: boolean; failing: boolean }>(
    `SELECT s.pid IS NOT NULL AS works,
            ${failed} AND a.backend_start > now() - interval '2 seconds' AS failing
       FROM pg_stat_subscription s
       LEFT JOIN pg_stat_activity a ON a.pid = s.pid
      WHERE s.subname = $1 AND s.relid IS NULL`,
    [subscription],
  );
  const { rows: refused } = await previous.query<{
    relation: string;
    key: string;
    reason: string;
    all: number;
  }>(
    `SELECT relation::text, key, reason, count(*) OVER ()::integer AS all FROM ${followSchema}.refused
      ORDER BY relation, key LIMIT 1`,
  );
  const { lost, ...log } = slots[0] ?? { lost: true, lag: 0, kept: 0, limit: null };
  const [worker] = workers;
  const [row] = refused;
  const works = worker?.works && !(worker.failing && log.lag > 0);
  return {
    state: lost ? "lost" : works ? "working" : "stopped",
    ...log,
    refused: row?.all ?? 0,
    example: row
      ? {
          table: tables.find(({ oid }) => String(oid) === row.relation)?.name ?? row.relation,
          key: row.key,
          reason: row.reason,
        }
      : null,
  };
}
