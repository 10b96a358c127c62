import type { Client } from "pg";
import { until } from "../lib/until.ts";

type Database = Pick<Client, "query">;

/**
 * Ends processes of a server, and gives them time to be gone: `pg_terminate_backend` itself waits only from PostgreSQL 14 on.
 * To be called outside a transaction, in which a server goes on telling of those that were there.
 * @param found SQL for their numbers, `pid`
 * @returns how many there were
 */
export async function endProcesses(
  database: Database,
  found: string,
  values: readonly unknown[],
  limitMs: number,
): Promise<number> {
  const ended = await database.query<{ pid: number }>(
    `SELECT pid, pg_terminate_backend(pid) FROM (${found}) AS found`,
    [...values],
  );
  const pids = ended.rows.map(({ pid }) => pid);
  if (pids.length === 0) return 0;
  const left = "SELECT FROM pg_stat_activity WHERE pid = ANY ($1)";
  const gone = async () => (await database.query(left, [pids])).rowCount === 0;
  await until(gone, { intervalMs: 5, limitMs, otherwise: () => undefined });
  return pids.length;
}
