import { expect, test } from "vitest";
import { until } from "../../src/lib/until.ts";
import type { Database } from "../../src/postgres/connect.ts";
import { pauseFollowing } from "../../src/postgres/follow/follower.ts";
import { readLost } from "../../src/postgres/follow/lost-rows.ts";
import { lossOf } from "../../src/postgres/follow/loss.ts";
import { inTransaction } from "../../src/postgres/transaction.ts";
import { describe, follow, followedPair } from "../support/followed.ts";
import { startPostgres } from "../support/postgres.ts";
import { usePostgres } from "../support/databases.ts";

const postgres = usePostgres();

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
    const pair = await followedPair(postgres(), partitioned, "SELECT");
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
  const pair = await followedPair(postgres(), three, "SELECT");
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
  const pair = await follow(postgres(), {
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

const compared = `
  CREATE TABLE t (id serial PRIMARY KEY, name varchar(10), note text);
  CREATE TABLE child (id serial PRIMARY KEY, t integer REFERENCES t);
  INSERT INTO t (name, note) VALUES ('one', 'a'), ('two', 'b'); INSERT INTO child (t) VALUES (1);
  CREATE SCHEMA site; CREATE TABLE site.note (t text); CREATE TABLE site.old (t text);
  INSERT INTO site.note VALUES ('one'), ('two'); INSERT INTO site.old VALUES ('one');`;
const widened = "ALTER TABLE t ALTER name TYPE varchar(50)";

interface Altered {
  readonly title: string;
  readonly migration?: string;
  readonly writes: string;
  /** Nothing arrives once it has been written to. */
  readonly stops?: true;
  readonly lost: readonly string[];
  /** What is written down for them. */
  readonly statements: readonly string[];
}

const altered: readonly Altered[] = [
  {
    title: "drops a column",
    migration: widened,
    writes: "ALTER TABLE t DROP note; UPDATE t SET name = 'more than ten characters' WHERE id = 1",
    lost: ['t ["1"] name'],
    statements: [`UPDATE public."t" SET "name" = 'more than ten characters' WHERE "id" = '1';`],
  },
  {
    title: "drops a column where nothing arrives",
    writes: "ALTER TABLE t DROP note; UPDATE t SET name = 'x' WHERE id = 1",
    stops: true,
    lost: ['t ["1"] name'],
    statements: [`UPDATE public."t" SET "name" = 'x' WHERE "id" = '1';`],
  },
  {
    title: "renames a column",
    writes: "ALTER TABLE t RENAME note TO remark; UPDATE t SET remark = 'x' WHERE id = 1",
    stops: true,
    lost: ['t ["1"] remark'],
    statements: [`UPDATE public."t" SET "remark" = 'x' WHERE "id" = '1';`],
  },
  {
    title: "adds a column",
    writes: `ALTER TABLE t ADD twice integer GENERATED ALWAYS AS (id * 2) STORED;
             ALTER TABLE t ADD extra text, ADD kept text DEFAULT 'as it was';
             UPDATE t SET extra = 'x' WHERE id = 1; UPDATE t SET extra = NULL WHERE id = 2`,
    stops: true,
    lost: ['t ["1"] extra'],
    statements: [`UPDATE public."t" SET "extra" = 'x' WHERE "id" = '1';`],
  },
  {
    title: "adds a column, and nothing else",
    writes: "ALTER TABLE t ADD extra text",
    lost: [],
    statements: [],
  },
  {
    title: "gives other values to a column of all rows",
    writes: "ALTER TABLE t ALTER note TYPE varchar(3) USING note || note",
    lost: ['t ["1"] note', 't ["2"] note'],
    statements: [
      `UPDATE public."t" SET "note" = 'aa' WHERE "id" = '1';`,
      `UPDATE public."t" SET "note" = 'bb' WHERE "id" = '2';`,
    ],
  },
  {
    title: "renames a column of the key",
    writes: "ALTER TABLE t RENAME id TO number; UPDATE t SET name = 'x' WHERE number = 1",
    stops: true,
    lost: ["t ? "],
    statements: [
      `INSERT INTO public."t" ("number", "name", "note") OVERRIDING SYSTEM VALUE VALUES ('1', 'x', 'a') ON CONFLICT DO NOTHING;`,
    ],
  },
  {
    title: "renames a table",
    migration: widened,
    writes:
      "ALTER TABLE t RENAME TO u; UPDATE u SET name = 'x' WHERE id = 1; DELETE FROM u WHERE id = 2",
    stops: true,
    lost: ["u ? ", "u deleted 1"],
    statements: [
      `-- u: users deleted rows that are there again (about 1)`,
      `INSERT INTO public."u" ("id", "name", "note") OVERRIDING SYSTEM VALUE VALUES ('1', 'x', 'a') ON CONFLICT DO NOTHING;`,
    ],
  },
  {
    title: "drops a table",
    writes: "DROP TABLE t CASCADE",
    lost: ["t deleted 2"],
    statements: [`-- t: users deleted rows that are there again (about 2)`],
  },
  {
    title: "makes a table anew",
    writes: `DROP TABLE t CASCADE; CREATE TABLE t (id serial PRIMARY KEY, name text); INSERT INTO t VALUES (1, 'new')`,
    lost: ["t ? ", "t deleted 2"],
    statements: [
      `-- t: users deleted rows that are there again (about 2)`,
      `INSERT INTO public."t" ("id", "name") OVERRIDING SYSTEM VALUE VALUES ('1', 'new') ON CONFLICT DO NOTHING;`,
    ],
  },
  {
    title: "drops a table of another schema, as a migration did before",
    migration: "DROP TABLE site.old",
    writes: "DROP TABLE site.note",
    lost: ["site.note deleted 2"],
    statements: [`-- site.note: users deleted rows that are there again (about 2)`],
  },
  {
    title: "renames a table that does not follow",
    migration: "ALTER TABLE t DROP CONSTRAINT t_pkey CASCADE",
    writes: "ALTER TABLE t RENAME TO u; DELETE FROM u WHERE id = 2",
    lost: ["u deleted 1"],
    statements: [`-- u: users deleted rows that are there again (about 1)`],
  },
  {
    title: "drops a table that does not follow",
    migration: "ALTER TABLE t DROP CONSTRAINT t_pkey CASCADE",
    writes: "DROP TABLE t",
    lost: ["t deleted 2"],
    statements: [`-- t: users deleted rows that are there again (about 2)`],
  },
];

test.each(altered)(
  "a table that is altered once users work keeps nobody from going back, and hides nothing: one $title",
  async (one) => {
    const pair = await follow(postgres(), {
      create: async (old) => void (await old.query(compared)),
      migrate: async (now) => void (await now.query(one.migration ?? "SELECT")),
    });
    if (one.stops) await pauseFollowing(pair.previous);
    await pair.serving.query(one.writes);
    const losses = await pair.rollback({ stopped: one.stops === true });
    const read = await readLost(pair.serving, losses, pair.plan);
    expect({
      lost: losses.flatMap(describe),
      statements: read.flatMap(({ statements }) => statements),
    }).toEqual({ lost: one.lost, statements: one.statements });
    await pair.remove();
  },
);

interface Replaced {
  readonly title: string;
  readonly before: string;
  readonly migration: string;
  readonly writes: string;
  readonly stopped?: true;
  readonly lost: readonly string[];
}

const replaced: readonly Replaced[] = [
  {
    title: "a column that the new version computes",
    before: `CREATE TABLE t (id serial PRIMARY KEY, price integer, total integer, note text);
             INSERT INTO t (price, total) VALUES (100, 200), (1, 2), (5, 10);`,
    migration:
      "ALTER TABLE t DROP total; ALTER TABLE t ADD total integer GENERATED ALWAYS AS (price * 2) STORED",
    writes: `UPDATE t SET price = 300 WHERE id = 1; UPDATE t SET note = 'x' WHERE id = 2; INSERT INTO t (price) VALUES (7)`,
    lost: ['t ["1"] total', 't ["4"] total'],
  },
  {
    title: "a column that it computes, under another name and in another type",
    before: `CREATE TABLE t (id serial PRIMARY KEY, price integer, total text);
             INSERT INTO t (price, total) VALUES (100, '200'), (1, 'two');`,
    migration:
      "ALTER TABLE t DROP total; ALTER TABLE t ADD sum integer GENERATED ALWAYS AS (price * 2) STORED; ALTER TABLE t RENAME sum TO total",
    writes: "UPDATE t SET price = price",
    lost: ['t ["2"] total'],
  },
  {
    title: "a column that only the previous version computes",
    before: `CREATE TABLE t (id serial PRIMARY KEY, price integer, total integer GENERATED ALWAYS AS (price * 2) STORED);
             INSERT INTO t (price) VALUES (100), (1);`,
    migration: "ALTER TABLE t ALTER total DROP EXPRESSION",
    writes:
      "UPDATE t SET price = 300, total = 600 WHERE id = 1; UPDATE t SET total = 5 WHERE id = 2",
    lost: ['t ["2"] total'],
  },
  {
    title: "a column that both compute, whose name another one has",
    before: `CREATE TABLE t (id serial PRIMARY KEY, price integer, total integer GENERATED ALWAYS AS (price * 2) STORED);
             INSERT INTO t (price) VALUES (100);`,
    migration: "ALTER TABLE t RENAME total TO sum; ALTER TABLE t ADD total text",
    writes: "UPDATE t SET price = 300, total = 'x'",
    lost: ['t ["1"] total'],
  },
  {
    title: "a text that became a number",
    before: `CREATE TABLE t (id serial PRIMARY KEY, code varchar(20), note text); INSERT INTO t (code) VALUES ('05'), ('6');`,
    migration: "ALTER TABLE t ALTER code TYPE integer USING code::integer",
    writes: "UPDATE t SET note = 'x'",
    lost: ['t ["1"] ', 't ["2"] '],
  },
  {
    title: "a text that became a number, where nothing arrives",
    before: `CREATE TABLE t (id serial PRIMARY KEY, code text, note text); INSERT INTO t (code) VALUES ('none');`,
    migration: "ALTER TABLE t ALTER code TYPE integer USING 0",
    writes: "UPDATE t SET note = 'x'",
    stopped: true,
    lost: ['t ["1"] '],
  },
  {
    title: "a number with fewer digits",
    before: `CREATE TABLE t (id serial PRIMARY KEY, amount numeric(10,4), note text); INSERT INTO t (amount) VALUES (1.2345);`,
    migration: "ALTER TABLE t ALTER amount TYPE numeric(8,2)",
    writes: "UPDATE t SET note = 'x'",
    lost: ['t ["1"] '],
  },
  {
    title: "a moment that became a day",
    before: `CREATE TABLE t (id serial PRIMARY KEY, at timestamptz, note text); INSERT INTO t (at) VALUES ('2026-11-30 12:34Z');`,
    migration: "ALTER TABLE t ALTER at TYPE date",
    writes: "UPDATE t SET note = 'x'",
    lost: ['t ["1"] '],
  },
  {
    title: "a text that was cut",
    before: `CREATE TABLE t (id serial PRIMARY KEY, name varchar(10), note text); INSERT INTO t (name) VALUES ('too long');`,
    migration: "ALTER TABLE t ALTER name TYPE varchar(3) USING name::varchar(3)",
    writes: "UPDATE t SET note = 'x'",
    lost: ['t ["1"] '],
  },
  {
    title: "a text that was written otherwise in the same type",
    before: `CREATE TABLE t (id serial PRIMARY KEY, name text, note text); INSERT INTO t (name) VALUES ('One');`,
    migration: "ALTER TABLE t ALTER name TYPE text USING lower(name)",
    writes: "UPDATE t SET note = 'x'",
    lost: ['t ["1"] '],
  },
  {
    title: "a table that was copied with other values",
    before: `CREATE TABLE t (id serial PRIMARY KEY, name text, note text); INSERT INTO t (name) VALUES ('One');`,
    migration: `CREATE TABLE u (LIKE t INCLUDING ALL); INSERT INTO u SELECT id, lower(name) FROM t;
                ALTER TABLE u ALTER id DROP DEFAULT; DROP TABLE t; ALTER TABLE u RENAME TO t`,
    writes: "UPDATE t SET note = 'x'",
    lost: ['t ["1"] '],
  },
  {
    title: "nothing, where a day became the moment at which it begins on the site",
    before: `CREATE TABLE t (id serial PRIMARY KEY, day date, note text); INSERT INTO t (day) VALUES ('2026-01-31');
             DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = %L', current_database(), 'Europe/Paris'); END $$;`,
    migration: "SET timezone = 'Europe/Paris'; ALTER TABLE t ALTER day TYPE timestamptz",
    writes: "UPDATE t SET note = 'x'",
    lost: [],
  },
  {
    title: "nothing, where all values of a narrower type are the same",
    before: `CREATE TABLE t (id serial PRIMARY KEY, name varchar(10), amount numeric(10,4), count bigint, urgent boolean, note text);
             INSERT INTO t (name, amount, count, urgent) VALUES ('one', 1.5, 7, true), (NULL, NULL, NULL, NULL);`,
    migration: `ALTER TABLE t ALTER name TYPE varchar(3), ALTER amount TYPE numeric(8,2), ALTER count TYPE integer,
                ALTER urgent TYPE integer USING urgent::integer, ALTER note TYPE varchar(10)`,
    writes: "UPDATE t SET note = 'x'",
    lost: [],
  },
];

test.each(replaced)(
  "what the previous version had and a migration replaced is told of: $title",
  async (one) => {
    const pair = await followedPair(postgres(), one.before, one.migration);
    const stopped = one.stopped === true;
    if (stopped) await pauseFollowing(pair.previous);
    await pair.serving.query(one.writes);
    expect(await pair.rollback({ stopped })).toEqual(one.lost);
    await pair.remove();
  },
);

test("a key that may be checked late keeps nobody from changing rows, which then do not follow", async () => {
  const pair = await followedPair(
    postgres(),
    "CREATE TABLE t (id integer PRIMARY KEY DEFERRABLE, n text); INSERT INTO t VALUES (1, 'one'), (2, 'two');",
    "SELECT",
  );
  await pair.serving.query("UPDATE t SET n = 'x' WHERE id = 1; DELETE FROM t WHERE id = 2");
  expect(await pair.rollback()).toEqual(["t ? ", "t deleted 1"]);
  await pair.remove();
});

test("a rule that is checked late holds in the previous version too where migrations changed rows", async () => {
  const pair = await followedPair(
    postgres(),
    "CREATE TABLE t (id serial PRIMARY KEY, code text UNIQUE DEFERRABLE); INSERT INTO t (code) VALUES ('a'), ('b');",
    "DELETE FROM t WHERE id = 1",
  );
  await pair.serving.query("INSERT INTO t (code) VALUES ('a')");
  // What the migrations deleted is counted with what users did.
  expect(await pair.rollback()).toEqual(["t ? ", "t deleted 1"]);
  const { rows } = await pair.previous.query("SELECT id, code FROM t ORDER BY id");
  expect(rows).toEqual([
    { id: 1, code: "a" },
    { id: 2, code: "b" },
  ]);
  await pair.remove();
});

test("numbers go on where a sequence of another schema gives them", async () => {
  const pair = await followedPair(
    postgres(),
    `CREATE SCHEMA site; CREATE SEQUENCE site.numbers;
     CREATE TABLE t (id integer PRIMARY KEY DEFAULT nextval('site.numbers')); INSERT INTO t DEFAULT VALUES;`,
    "SELECT",
  );
  await pair.serving.query("INSERT INTO t DEFAULT VALUES; INSERT INTO t DEFAULT VALUES");
  expect(await pair.rollback()).toEqual([]);
  const { rows } = await pair.previous.query("INSERT INTO t DEFAULT VALUES RETURNING id");
  expect(rows).toEqual([{ id: 4 }]);
  await pair.remove();
});
