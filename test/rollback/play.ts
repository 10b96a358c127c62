import { escapeIdentifier as name } from "pg";
import { readSchema } from "../../src/postgres/schema.ts";
import { follow } from "../support/followed.ts";
import type { Postgres } from "../support/postgres.ts";
import { alike, brokenRules, convertedBack, isRefused, judge, type Rows, rowsOf } from "./judge.ts";
import { change, creation, type Scenario, write } from "./scenario.ts";

/** Plays a scenario through to its rollback; returns what is not as promised, and how many rows were lost. */
export async function play(
  postgres: Postgres,
  scenario: Scenario,
): Promise<{ problems: readonly string[]; lost: number }> {
  const pair = await follow(postgres, {
    async create(old) {
      for (const statement of creation(scenario)) await isRefused(old, statement);
    },
    async migrate(now) {
      for (const one of scenario.migration) {
        const schema = await readSchema(now);
        if (schema.tables.length > 0) await isRefused(now, `BEGIN; ${change(one, schema)}; COMMIT`);
        await now.query("ROLLBACK");
      }
    },
  });
  const { serving, previous, plan } = pair;
  const before = new Map<string, Rows>();
  for (const table of plan.tables) {
    before.set(
      table.name,
      ownNames(
        table,
        await rowsOf(
          previous,
          table.name,
          table.key.map((one) => one.name),
        ),
      ),
    );
  }
  const migrated = await servingRows(pair);
  const history = [migrated];
  const schema = await readSchema(serving);
  for (const [index, one] of scenario.writes.entries()) {
    const next = one.joined ? scenario.writes[index + 1] : undefined;
    const statements = [one, ...(next ? [next] : [])].map((each) => write(each, schema));
    await isRefused(serving, `BEGIN; ${statements.join("; ")}; COMMIT`);
    await serving.query("ROLLBACK");
    history.push(await servingRows(pair));
  }
  const losses = await pair.rollback();
  const problems: string[] = [];
  const now = await servingRows(pair);
  for (const table of plan.tables) {
    const own = table.key.map((key) => ownName(table, key.name));
    const evidence = {
      table,
      before: before.get(table.name) ?? new Map(),
      migrated: migrated.get(table.name) ?? new Map(),
      held: (key: string, column: string, value: string) =>
        history.some((rows) => alike(rows.get(table.name)?.get(key)?.[column], value)),
      now: now.get(table.name) ?? new Map(),
      after: await rowsOf(previous, table.own, own),
      back: await convertedBack(previous, table),
    };
    const kind = pair.classes.find((one) => one.table === table.name)?.class ?? "lossless";
    problems.push(...judge(evidence, losses, kind));
  }
  for (const { table, class: kind } of pair.classes) {
    if (kind === "lossless" && losses.some((loss) => loss.table === table)) {
      problems.push(`${table}: lossless, and lost`);
    }
  }
  for (const table of (await readSchema(previous)).tables) {
    const columns = table.columns.filter(({ name: column }) => column !== "id");
    const inserted = `INSERT INTO ${name(table.name)} (${columns.map((one) => name(one.name)).join(", ")})
      SELECT ${columns.map((one) => name(one.name)).join(", ")} FROM ${name(table.name)} LIMIT 1`;
    // A value that has to be unique is refused for itself, a number that is taken for its key.
    const error = await refusal(previous, inserted);
    if (error?.includes("_pkey")) problems.push(`${table.name}: ${error}`);
  }
  problems.push(...(await brokenRules(pair)));
  await pair.remove();
  return { problems, lost: losses.reduce((sum, { rows }) => sum + rows.length, 0) };
}

type Played = Awaited<ReturnType<typeof follow>>;
type FollowedTable = Played["plan"]["tables"][number];

/** Of all tables that are followed, by name. */
async function servingRows({ serving, plan }: Played): Promise<ReadonlyMap<string, Rows>> {
  const all = new Map<string, Rows>();
  for (const { name: table, key } of plan.tables) {
    const names = key.map((column) => column.name);
    all.set(table, await rowsOf(serving, table, names));
  }
  return all;
}

function ownName({ columns }: FollowedTable, followed: string): string {
  const column = columns.find((one) => one.name === followed);
  return column && column.kind !== "unknown" ? column.own : followed;
}

/** Rows read while a table follows, by the names it has otherwise. */
function ownNames(table: FollowedTable, rows: Rows): Rows {
  const names = new Map(
    table.columns.flatMap((column) =>
      column.kind === "unknown"
        ? []
        : [[column.kind === "converted" ? column.parked : column.name, column.own] as const],
    ),
  );
  return new Map(
    [...rows].map(([key, row]) => [
      key,
      Object.fromEntries(
        Object.entries(row).map(([column, value]) => [names.get(column) ?? column, value]),
      ),
    ]),
  );
}

async function refusal(
  database: Played["previous"],
  statement: string,
): Promise<string | undefined> {
  return await database.query(statement).then(
    () => undefined,
    (error: unknown) => String(error),
  );
}
