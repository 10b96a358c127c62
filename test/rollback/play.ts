import { escapeIdentifier as name } from "pg";
import { pauseFollowing } from "../../src/postgres/follow/follower.ts";
import { readSchema } from "../../src/postgres/schema.ts";
import { follow } from "../support/followed.ts";
import type { Postgres } from "../support/postgres.ts";
import {
  alike,
  brokenRules,
  convertedBack,
  isRefused,
  judge,
  judgeOther,
  type Rows,
  rowsOf,
  textsOf,
} from "./judge.ts";
import {
  change,
  copied,
  creation,
  elsewhere,
  remake,
  type Scenario,
  write,
  type Write,
} from "./scenario.ts";

/** Plays a scenario through to its rollback; returns what is not as promised, and how many rows were lost. */
export async function play(
  postgres: Postgres,
  scenario: Scenario,
): Promise<{ problems: readonly string[]; lost: number }> {
  const history: ReadonlyMap<string, Rows>[] = [];
  let unbooted: ReadonlyMap<string, Rows> = new Map();
  const pair = await follow(postgres, {
    async create(old) {
      for (const statement of creation(scenario)) await isRefused(old, statement);
    },
    async migrate(now) {
      await now.query(copied);
      for (const one of scenario.migration) {
        const schema = await readSchema(now);
        if (schema.tables.length > 0) await isRefused(now, `BEGIN; ${change(one, schema)}; COMMIT`);
        await now.query("ROLLBACK");
      }
    },
    async boot(now) {
      unbooted = await allRows(now);
      const { writes, remade } = scenario.boot;
      for (const one of writes) {
        await writeAll(now, [one]);
        history.push(await allRows(now));
      }
      await isRefused(now, `BEGIN; ${remake(remade, await readSchema(now))}; COMMIT`);
      await now.query("ROLLBACK");
      for (const one of writes) await writeAll(now, [one]);
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
  const booting = [...history];
  const migrated = await allRows(serving);
  history.push(migrated);
  const others = await unfollowedTables(pair);
  const came: string[][] = [];
  for (const { place } of others) came.push(await textsOf(serving, place));
  const writeSome = async (from: number, to?: number) => {
    for (const [index, one] of scenario.writes.slice(from, to).entries()) {
      const next = one.joined ? scenario.writes[from + index + 1] : undefined;
      await writeAll(serving, [one, ...(next ? [next] : [])]);
      history.push(await allRows(serving));
    }
  };
  // Some of it after a first comparison, as where users work on meanwhile.
  const half = Math.floor(scenario.writes.length / 2);
  await writeSome(0, half);
  const stopped = scenario.stops === 0;
  if (stopped) await pauseFollowing(previous);
  const losses = await pair.rollback({ stopped, meanwhile: async () => await writeSome(half) });
  const problems: string[] = [];
  const now = await allRows(serving);
  for (const table of plan.tables.filter(({ retired }) => !retired)) {
    const own = table.key.map((key) => ownName(table, key.name));
    const evidence = {
      table,
      before: before.get(table.name) ?? new Map(),
      unbooted: unbooted.get(table.name) ?? new Map(),
      booting: booting.flatMap((rows) => rows.get(table.name) ?? []),
      migrated: migrated.get(table.name) ?? new Map(),
      existed: (key: string) => history.some((rows) => rows.get(table.name)?.has(key)),
      held: (key: string, column: string, value: string) =>
        history.some((rows) => alike(rows.get(table.name)?.get(key)?.[column], value)),
      now: now.get(table.name) ?? new Map(),
      after: await rowsOf(previous, table.own, own),
      back: await convertedBack(previous, table),
    };
    const predicted = pair.classes.find((one) => one.table === table.name)?.class ?? "lossless";
    const kind = stopped ? "lossy" : predicted;
    problems.push(...judge(evidence, losses, kind));
  }
  for (const [index, { table, place, isKnown }] of others.entries()) {
    const rows = {
      came: came[index] ?? [],
      now: await textsOf(serving, place),
      after: isKnown ? await textsOf(previous, place) : [],
    };
    problems.push(...judgeOther(table, rows, losses));
  }
  for (const { table, class: kind } of pair.classes) {
    if (kind === "lossless" && !stopped && losses.some((loss) => loss.table === table)) {
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

/** In one transaction; what the database refuses has not happened. */
async function writeAll(serving: Played["serving"], writes: readonly Write[]): Promise<void> {
  const schema = await readSchema(serving);
  const statements = writes.map((each) => write(each, schema));
  await isRefused(serving, `BEGIN; ${statements.join("; ")}; COMMIT`);
  await serving.query("ROLLBACK");
}

/** Tables of the serving database that do not follow; some the previous one does not know. */
async function unfollowedTables({ serving, plan }: Played) {
  const { tables } = await readSchema(serving);
  const followed = new Set(plan.tables.flatMap((table) => (table.retired ? [] : table.name)));
  const own = tables
    .filter((table) => !followed.has(table.name))
    .map(({ name: table }) => ({
      table,
      place: `public.${name(table)}`,
      isKnown: plan.unfollowed.includes(table),
    }));
  return [...own, { table: elsewhere, place: elsewhere, isKnown: true }];
}

/** Of all tables that have a key, by name. */
async function allRows(database: Played["serving"]): Promise<ReadonlyMap<string, Rows>> {
  const all = new Map<string, Rows>();
  for (const { name: table, columns, primaryKey } of (await readSchema(database)).tables) {
    const key = columns.filter(({ number }) => primaryKey.includes(number));
    if (key.length === 0) continue;
    const names = key.map((column) => column.name);
    all.set(table, await rowsOf(database, table, names));
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
