import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../../src/lib/until.ts";
import type { Database } from "../../src/postgres/connect.ts";
import { pauseFollowing } from "../../src/postgres/follow/follower.ts";
import { lossOf } from "../../src/postgres/follow/loss.ts";
import { inTransaction } from "../../src/postgres/transaction.ts";
import { follow, followedPair } from "../support/followed.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";

let postgres: Postgres;

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

const partitioned = `
  CREATE TABLE log (id integer, t text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
  CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM (0) TO (10);
  CREATE TABLE log_2 PARTITION OF log FOR VALUES FROM (10) TO (20);
  INSERT INTO log SELECT i, 'old' FROM generate_series(1, 19) i;`;

test.each([
  ["deletes rows", "DELETE FROM log WHERE id < 3", ["log deleted 2"]],
  ["empties it at once", "TRUNCATE log", ["log deleted 19"]],
  ["empties a partition", "TRUNCATE log_2", ["log deleted 10"]],
  ["drops a partition", "DROP TABLE log_1", ["log deleted 9"]],
  ["does nothing to its rows", "ALTER TABLE log_1 RENAME TO log_0; VACUUM FULL log", []],
])(
  "of a table divided into partitions it is told what would be there again: a user %s",
  async (_, writes, lost) => {
    const pair = await followedPair(postgres, partitioned, "SELECT");
    for (const statement of writes.split("; ")) await pair.serving.query(statement);
    expect(await pair.rollback()).toEqual(lost);
    await pair.remove();
  },
);

const three = `
  CREATE TABLE log (t text); CREATE TABLE request (id serial PRIMARY KEY, name text);
  CREATE SCHEMA site; CREATE TABLE site.note (t text);
  INSERT INTO log VALUES ('one'), ('two'); INSERT INTO request (name) VALUES ('one'), ('two');
  INSERT INTO site.note VALUES ('one'), ('two');`;
const deleted = `
  DELETE FROM log WHERE t = 'one'; DELETE FROM request WHERE id = 1; DELETE FROM site.note WHERE t = 'one';`;

/** Discards what the database has counted. */
async function resetCounters(serving: Database): Promise<void> {
  // What a session has counted it tells when it is done with a statement.
  await serving.query("SELECT pg_stat_force_next_flush()");
  await serving.query("SELECT pg_stat_reset()");
}

test("deleted rows are told of although the database's counters began anew since", async () => {
  const pair = await followedPair(postgres, three, "SELECT");
  await pauseFollowing(pair.previous);
  await pair.serving.query(deleted);
  await resetCounters(pair.serving);
  expect(await pair.rollback({ stopped: true })).toEqual([
    "log deleted 1",
    "request deleted 1",
    "site.note deleted 1",
  ]);
  await pair.remove();
});

test("deleted rows are told of although the database has crashed since", async () => {
  const crashing = await startPostgres();
  try {
    const pair = await follow(crashing, {
      create: async (old) => void (await old.query(three)),
      migrate: () => Promise.resolve(),
    });
    await pauseFollowing(pair.previous);
    await pair.serving.query(deleted);
    const { rows } = await pair.serving.query<{ name: string }>(
      "SELECT datname AS name FROM pg_database WHERE datname ~ '^(now|old)_' ORDER BY datname",
    );
    // Where one of its processes is killed, all begin anew from what is on the disk.
    const kill = "COPY (SELECT) TO PROGRAM 'kill -9 $PPID'";
    await pair.serving.query(kill).catch(() => undefined);
    const otherwise = () => {
      throw new Error("it does not start again");
    };
    const starts = async () =>
      await crashing.connect("postgres").then(
        () => true,
        () => false,
      );
    await until(starts, { intervalMs: 100, limitMs: 30_000, otherwise });
    const serving = await crashing.connect(rows[0]!.name);
    const previous = await crashing.connect(rows[1]!.name);
    const compare = async () => await lossOf(serving, previous, pair.plan, { arriving: false });
    const losses = await inTransaction(serving, async () => await inTransaction(previous, compare));
    expect(losses.map((one) => [one.table, one.deleted])).toEqual([
      ["log", 1],
      ["request", 1],
      ["site.note", 1],
    ]);
  } finally {
    await crashing.remove();
  }
});

test("rows that migrations and the first boot added hide none that was deleted", async () => {
  const pair = await follow(postgres, {
    create: async (old) => void (await old.query(three)),
    migrate: async (now) => void (await now.query("INSERT INTO site.note VALUES ('three')")),
    boot: async (now) => void (await now.query("INSERT INTO log VALUES ('three')")),
  });
  await pair.serving.query(deleted);
  await resetCounters(pair.serving);
  const losses = await pair.rollback();
  expect(losses.map((one) => [one.table, one.deleted])).toEqual([
    ["log", 1],
    // How many of the two it was cannot be told.
    ["site.note", 2],
  ]);
  await pair.remove();
});
