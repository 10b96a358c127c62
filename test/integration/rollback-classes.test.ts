import { setTimeout as delay } from "node:timers/promises";
import { DatabaseError, escapeIdentifier } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../src/postgres/connect.ts";
import { dropSlot, endReader, flushedPosition } from "../../src/postgres/replication.ts";
import { rollbackClasses } from "../../src/postgres/rollback-classes.ts";
import { readSchema, type Schema } from "../../src/postgres/schema.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";

let postgres: Postgres;
let number = 0;

beforeAll(async () => {
  postgres = await startPostgres();
  const control = await postgres.connect("postgres");
  // PostgreSQL starts one subscriber in so much time.
  await control.query("ALTER SYSTEM SET wal_retrieve_retry_interval = '10ms'");
  await control.query("SELECT pg_reload_conf()");
});
afterAll(async () => {
  await postgres?.remove();
});

const tables = `
  CREATE TABLE program (id integer PRIMARY KEY);
  INSERT INTO program VALUES (1);
  CREATE TABLE request (id serial PRIMARY KEY, name varchar(10), amount integer NOT NULL CHECK (amount > 0),
                        code text UNIQUE, program_id integer REFERENCES program, urgent boolean);
  INSERT INTO request (name, amount, code, program_id) VALUES ('one', 1, 'a', 1), ('two', 2, 'b', NULL);`;

/** What became of what was written with the new version. */
type Outcome = "kept" | "lost" | "refused";

/** The prediction, and what logical replication to the old version's database makes of writes. */
test.each<[string, string, string, [string, Outcome]]>([
  [
    "nothing changed",
    "SELECT",
    `INSERT INTO request (name, amount) VALUES ('three', 3); UPDATE request SET name = 'ONE' WHERE id = 1;
     DELETE FROM request WHERE id = 2`,
    ["lossless", "kept"],
  ],
  [
    "stricter now",
    "ALTER TABLE request ALTER name TYPE varchar(5), ALTER code SET NOT NULL, ADD CHECK (amount < 10)",
    "UPDATE request SET name = 'three', code = 'c', amount = 9 WHERE id = 1",
    ["lossless", "kept"],
  ],
  [
    "a column is gone with its foreign key",
    "ALTER TABLE request DROP program_id",
    "INSERT INTO request (name, amount) VALUES ('three', 3); UPDATE request SET name = 'x' WHERE id = 1",
    ["lossless", "kept"],
  ],
  [
    "a wider type",
    "ALTER TABLE request ALTER name TYPE varchar(50)",
    "UPDATE request SET name = 'more than ten characters' WHERE id = 1",
    ["lossy", "lost"],
  ],
  [
    "a number where there was a boolean",
    "ALTER TABLE request ALTER urgent TYPE integer USING urgent::integer",
    "UPDATE request SET urgent = 2 WHERE id = 1",
    ["lossy", "lost"],
  ],
  [
    "NULL allowed",
    "ALTER TABLE request ALTER amount DROP NOT NULL",
    "UPDATE request SET amount = NULL WHERE id = 1",
    ["lossy", "lost"],
  ],
  [
    "no longer unique",
    "ALTER TABLE request DROP CONSTRAINT request_code_key",
    "UPDATE request SET code = 'a'",
    ["lossy", "lost"],
  ],
  [
    "no longer checked",
    "ALTER TABLE request DROP CONSTRAINT request_amount_check",
    "UPDATE request SET amount = -1 WHERE id = 1",
    ["lossy", "lost"],
  ],
  [
    "a new column",
    "ALTER TABLE request ADD late boolean NOT NULL DEFAULT false",
    "UPDATE request SET late = true WHERE id = 1",
    ["lossy", "lost"],
  ],
  [
    "a required column is gone",
    "ALTER TABLE request DROP amount",
    "INSERT INTO request (name) VALUES ('three')",
    ["lossy", "lost"],
  ],
  [
    "a new table",
    "DROP TABLE request; CREATE TABLE demand (id serial PRIMARY KEY)",
    "INSERT INTO demand DEFAULT VALUES",
    ["lossy", "lost"],
  ],
  [
    "no key",
    "ALTER TABLE request DROP CONSTRAINT request_pkey",
    "UPDATE request SET name = 'x' WHERE id = 1",
    ["impossible", "refused"],
  ],
  [
    "a key the old version does not have",
    `ALTER TABLE request DROP CONSTRAINT request_pkey; ALTER TABLE request ADD key serial PRIMARY KEY`,
    "UPDATE request SET name = 'x' WHERE id = 1",
    ["impossible", "refused"],
  ],
  [
    "a longer key",
    `ALTER TABLE request ADD key serial, DROP CONSTRAINT request_pkey; ALTER TABLE request ADD PRIMARY KEY (id, key)`,
    "UPDATE request SET name = 'x' WHERE id = 1",
    ["impossible", "refused"],
  ],
  [
    "another key",
    `ALTER TABLE request DROP CONSTRAINT request_pkey; ALTER TABLE request ADD PRIMARY KEY (amount)`,
    "UPDATE request SET name = 'x' WHERE id = 1",
    ["impossible", "lost"],
  ],
])("%s", async (_, migration, writes, expected) => {
  const slot = `back_${++number}`;
  const first = await postgres.create(`old_${number}`);
  await first.query(tables);
  await first.end();
  // A copy has the same oids, as the clone of a swap has.
  const now = await postgres.create(`now_${number}`, `old_${number}`);
  const old = await postgres.connect(`old_${number}`);
  await now.query(migration);
  const [was, is] = [await readSchema(old), await readSchema(now)];
  await publish(now, was, is);
  await subscribe(now, old, slot);
  const outcome = await outcomeOf(writes, { now, old, slot, is });
  await unsubscribe(now, old, slot);
  expect([rollbackClasses(was, is)[0]?.class, outcome]).toEqual(expected);
});

/** Publishes of every table the columns that both sides have. */
async function publish(now: Database, was: Schema, is: Schema): Promise<void> {
  const published = is.tables.flatMap(({ name, columns }) => {
    const there = was.tables.find((table) => table.name === name)?.columns;
    const both = columns.filter((column) => there?.some((one) => one.name === column.name));
    const list = both.map((column) => escapeIdentifier(column.name)).join(", ");
    return there ? [`TABLE ${escapeIdentifier(name)} (${list})`] : [];
  });
  await now.query(`CREATE PUBLICATION back FOR ${published.join(", ")}`);
}

async function subscribe(now: Database, old: Database, slot: string): Promise<void> {
  await now.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
  await old.query(
    `CREATE SUBSCRIPTION ${slot} CONNECTION 'host=/run/postgresql user=postgres dbname=${now.database}'
     PUBLICATION back WITH (create_slot = false, copy_data = false, disable_on_error = true)`,
  );
}

async function outcomeOf(
  writes: string,
  { now, old, slot, is }: { now: Database; old: Database; slot: string; is: Schema },
): Promise<Outcome> {
  const written = await unlessRefused(now.query(writes));
  if (!written) return "refused";
  const position = await flushedPosition(now);
  const settled = `SELECT FROM pg_subscription, pg_replication_slots
    WHERE subname = $1 AND slot_name = $1 AND (NOT subenabled OR confirmed_flush_lsn >= $2)`;
  while ((await old.query(settled, [slot, position])).rowCount === 0) await delay(20);
  const [there, here] = [await contentsOf(old, is), await contentsOf(now, is)];
  return there === here ? "kept" : "lost";
}

/** All rows in the columns of the new version; nothing where there are no such columns. */
async function contentsOf(database: Database, { tables }: Schema): Promise<string> {
  const contents = tables.map(async ({ name, columns }) => {
    const list = columns.map((column) => escapeIdentifier(column.name)).join(", ");
    const read = database.query<{ all: string }>(
      `SELECT string_agg(r::text, ';' ORDER BY r) AS all FROM (SELECT ${list} FROM ${escapeIdentifier(name)}) r`,
    );
    return (await unlessRefused(read))?.rows[0]?.all;
  });
  return JSON.stringify(await Promise.all(contents));
}

async function unlessRefused<Result>(query: Promise<Result>): Promise<Result | undefined> {
  try {
    return await query;
  } catch (error) {
    if (error instanceof DatabaseError) return undefined;
    throw error;
  }
}

async function unsubscribe(now: Database, old: Database, slot: string): Promise<void> {
  await old.query(`ALTER SUBSCRIPTION ${slot} DISABLE`);
  await old.query(`ALTER SUBSCRIPTION ${slot} SET (slot_name = NONE)`);
  await old.query(`DROP SUBSCRIPTION ${slot}`);
  await endReader(now, slot);
  await dropSlot(now, slot);
}
