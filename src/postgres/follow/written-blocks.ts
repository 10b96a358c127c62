import { until } from "../../lib/until.ts";
import { type Database, hasRows, isDatabaseError, valueOf } from "../connect.ts";
import { flush } from "../replication.ts";

/** Which blocks of tables were written to, by the number of their file. */
export type WrittenBlocks = ReadonlyMap<number, readonly number[]>;

/** What transactions that have begun to write may take to end, before a look does without a position. */
const patienceMs = 5_000;

/** Bytes of log that are read faster than tables are. */
const logLimit = 256_000_000;

/**
 * A position of the log from which on everything is written that a look does not see which begins now; undefined while
 * a transaction goes on that wrote before.
 */
export async function positionForLook(
  serving: Database,
  signal: AbortSignal,
): Promise<string | undefined> {
  const position = await valueOf<string>(serving, "SELECT pg_current_wal_insert_lsn()");
  // Later than whoever has written: a snapshot alone does not see those who began after the last that has ended.
  const begun = await valueOf(serving, "SELECT pg_current_xact_id()::text");
  const ended = "SELECT WHERE pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8";
  let late = false;
  const otherwise = () => void (late = true);
  const quiet = async () => await hasRows(serving, ended, [begun]);
  await until(quiet, { intervalMs: 50, limitMs: patienceMs, otherwise, signal });
  return late ? undefined : position;
}

/**
 * Reads from the log what was written since a position. To be called outside a transaction, once nobody writes.
 * @returns undefined where that cannot be told, or would take longer than to look at everything
 */
export async function blocksWrittenSince(
  serving: Database,
  position: string,
): Promise<WrittenBlocks | undefined> {
  try {
    // As the extension pg_walinspect has it, for this session alone: nothing of it is left in the application's database.
    await serving.query(`
      CREATE OR REPLACE FUNCTION pg_temp.wal_records(IN start_lsn pg_lsn, IN end_lsn pg_lsn,
        OUT start_lsn pg_lsn, OUT end_lsn pg_lsn, OUT prev_lsn pg_lsn, OUT xid xid, OUT resource_manager text,
        OUT record_type text, OUT record_length integer, OUT main_data_length integer, OUT fpi_length integer,
        OUT description text, OUT block_ref text)
      RETURNS SETOF record AS '$libdir/pg_walinspect', 'pg_get_wal_records_info' LANGUAGE c STRICT`);
    await flush(serving);
    const written = "SELECT (pg_current_wal_flush_lsn() - $1::pg_lsn)::float8";
    if ((await valueOf<number>(serving, written, [position]))! > logLimit) return undefined;
    const { rows } = await serving.query<{ file: string; blocks: number[] }>(
      `SELECT m[1] AS file, array_agg(DISTINCT m[2]::integer) AS blocks
         FROM pg_temp.wal_records($1, pg_current_wal_flush_lsn()),
              regexp_matches(block_ref, 'rel \\d+/' || (SELECT oid FROM pg_database WHERE datname = current_database())
                                        || '/(\\d+) fork main blk (\\d+)', 'g') m
        WHERE resource_manager LIKE 'Heap%' GROUP BY 1`,
      [position],
    );
    return new Map(rows.map(({ file, blocks }) => [Number(file), blocks]));
  } catch (error) {
    if (isDatabaseError(error)) return undefined;
    throw error;
  }
}
