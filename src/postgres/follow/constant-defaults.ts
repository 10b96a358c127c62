import { escapeIdentifier as name } from "pg";
import type { Database } from "../connect.ts";
import { inTransaction } from "../transaction.ts";
import type { FollowPlan } from "./plan.ts";
import { publication } from "./publication.ts";

/**
 * Completes a plan by what the migrations put into the columns the previous version does not have: where all
 * rows have the same there, a row that still has it says nothing that could be lost.
 */
export async function constantDefaults(serving: Database, plan: FollowPlan): Promise<FollowPlan> {
  return await inTransaction(serving, async () => {
    const tables = [];
    for (const table of plan.tables) {
      const columns = [];
      for (const column of table.columns) {
        columns.push(
          column.kind === "unknown" && !table.retired
            ? { ...column, ...(await fillOf(serving, table.name, column.name)) }
            : column,
        );
      }
      tables.push({ ...table, columns });
    }
    return { ...plan, tables };
  });
}

async function fillOf(
  serving: Database,
  table: string,
  column: string,
): Promise<{ fill?: string | null }> {
  const { rows } = await serving.query<{ fill: string | null }>(
    `SELECT DISTINCT ${name(column)}::text AS fill FROM public.${name(table)}
      WHERE age(xmin) > (SELECT age(p.xmin) FROM pg_publication p WHERE p.pubname = $1) LIMIT 2`,
    [publication],
  );
  const [only, another] = rows;
  return only && !another ? { fill: only.fill } : {};
}
