import { DatabaseError } from "pg";
import { expect, test } from "vitest";
import type { Database } from "../../src/postgres/connect.ts";
import {
  endFollowing,
  followedUpTo,
  pauseFollowing,
  unshape,
} from "../../src/postgres/follow/follower.ts";
import { unpublish } from "../../src/postgres/follow/publication.ts";
import { flushedPosition } from "../../src/postgres/replication.ts";
import { inTransaction } from "../../src/postgres/transaction.ts";
import { readLost } from "../../src/postgres/follow/lost-rows.ts";
import { mappingFailures } from "../../src/postgres/follow/mapping.ts";
import { planFollowing } from "../../src/postgres/follow/plan.ts";
import { readNotCarried } from "../../src/postgres/not-carried.ts";
import { rollbackClasses } from "../../src/postgres/rollback-classes.ts";
import { readSchema } from "../../src/postgres/schema.ts";
import { positionForLook } from "../../src/postgres/follow/written-blocks.ts";
import { follow, type Followed, followedPair } from "../support/followed.ts";
import { usePostgres } from "../support/databases.ts";

const postgres = usePostgres();

const tables = `
  CREATE TABLE program (id integer PRIMARY KEY);
  INSERT INTO program VALUES (1);
  CREATE TABLE request (id serial PRIMARY KEY, name varchar(10), amount integer NOT NULL CHECK (amount > 0),
                        code text UNIQUE, program_id integer REFERENCES program, urgent boolean);
  INSERT INTO request (name, amount, code, program_id) VALUES ('one', 1, 'a', 1), ('two', 2, 'b', NULL);`;

interface Case {
  readonly title: string;
  /** More of what the previous version has. */
  readonly before?: string;
  readonly migration: string;
  /** What the site puts into columns of the previous version's table. */
  readonly map?: Readonly<Record<string, string>>;
  readonly writes: string;
  /** Class predicted for `request`, or for the table that takes its place. */
  readonly predicted: "lossless" | "lossy" | "impossible";
  /** What the rollback says is lost: table, key and columns. */
  readonly lost: readonly string[];
  /** What the previous version then finds in `request`: id, name, amount, code, program_id, urgent. */
  readonly left: readonly string[];
}

const two = "2|two|2|b||";

const cases: readonly Case[] = [
  {
    title: "nothing changed: everything written is there",
    migration: "SELECT",
    writes: `INSERT INTO request (name, amount) VALUES ('three', 3); UPDATE request SET name = 'ONE' WHERE id = 1;
             DELETE FROM request WHERE id = 2`,
    predicted: "lossless",
    lost: [],
    left: ["1|ONE|1|a|1|", "3|three|3|||"],
  },
  {
    title: "a stricter version",
    migration:
      "ALTER TABLE request ALTER name TYPE varchar(5), ALTER code SET NOT NULL, ADD CHECK (amount < 10)",
    writes: "UPDATE request SET name = 'three', code = 'c', amount = 9 WHERE id = 1",
    predicted: "lossless",
    lost: [],
    left: ["1|three|9|c|1|", two],
  },
  {
    title: "a column gone with its foreign key",
    migration: "ALTER TABLE request DROP program_id",
    writes:
      "INSERT INTO request (name, amount) VALUES ('three', 3); UPDATE request SET name = 'x' WHERE id = 1",
    predicted: "lossless",
    lost: [],
    left: ["1|x|1|a|1|", two, "3|three|3|||"],
  },
  {
    title: "a column gone, and then the row it referred to: nothing of what was written is lost",
    migration: "ALTER TABLE request DROP program_id",
    writes: "DELETE FROM program; UPDATE request SET name = 'x' WHERE id = 1",
    predicted: "lossless",
    lost: [],
    left: ["1|x|1|a||", two],
  },
  {
    title: "table and columns with other names, two of them exchanged",
    migration: `ALTER TABLE request RENAME TO demand; ALTER TABLE demand RENAME name TO title;
                ALTER TABLE demand RENAME code TO swap; ALTER TABLE demand RENAME title TO code;
                ALTER TABLE demand RENAME swap TO title`,
    writes:
      "INSERT INTO demand (code, title, amount) VALUES ('three', 'c', 3); UPDATE demand SET code = 'x' WHERE id = 1",
    predicted: "lossless",
    lost: [],
    left: ["1|x|1|a|1|", two, "3|three|3|c||"],
  },
  {
    title: "a wider type: what fits is kept",
    migration: "ALTER TABLE request ALTER name TYPE varchar(50)",
    writes: `UPDATE request SET name = 'more than ten characters' WHERE id = 1; UPDATE request SET name = 'fits' WHERE id = 2`,
    predicted: "lossy",
    lost: ['request ["1"] name'],
    left: ["1|one|1|a|1|", "2|fits|2|b||"],
  },
  {
    title: "a number where there was a boolean: what can be told is kept",
    migration: "ALTER TABLE request ALTER urgent TYPE integer USING urgent::integer",
    writes:
      "UPDATE request SET urgent = 2 WHERE id = 1; UPDATE request SET urgent = 1 WHERE id = 2",
    predicted: "lossy",
    lost: ['request ["1"] urgent'],
    left: ["1|one|1|a|1|", "2|two|2|b||t"],
  },
  {
    title: "a key that became wider",
    migration: "ALTER TABLE request ALTER id TYPE bigint",
    writes: "INSERT INTO request (name, amount) VALUES ('three', 3)",
    predicted: "lossy",
    lost: [],
    left: ["1|one|1|a|1|", two, "3|three|3|||"],
  },
  {
    title: "NULL allowed: a row without a value is left as it was",
    migration: "ALTER TABLE request ALTER amount DROP NOT NULL",
    writes:
      "UPDATE request SET amount = NULL, name = 'x' WHERE id = 1; UPDATE request SET amount = 5 WHERE id = 2",
    predicted: "lossy",
    lost: ['request ["1"] name,amount'],
    left: ["1|one|1|a|1|", "2|two|5|b||"],
  },
  {
    title: "no longer unique",
    migration: "ALTER TABLE request DROP CONSTRAINT request_code_key",
    writes:
      "UPDATE request SET code = 'a' WHERE id = 2; INSERT INTO request (name, amount, code) VALUES ('three', 3, 'c')",
    predicted: "lossy",
    lost: ['request ["2"] code'],
    left: ["1|one|1|a|1|", two, "3|three|3|c||"],
  },
  {
    title: "no longer checked",
    migration: "ALTER TABLE request DROP CONSTRAINT request_amount_check",
    writes: "INSERT INTO request (name, amount) VALUES ('bad', -1), ('three', 3)",
    predicted: "lossy",
    lost: ['request ["3"] '],
    left: ["1|one|1|a|1|", two, "4|three|3|||"],
  },
  {
    title: "no longer referring to a row that is there",
    migration: "ALTER TABLE request DROP CONSTRAINT request_program_id_fkey",
    writes: "UPDATE request SET program_id = 9 WHERE id = 1; DELETE FROM program",
    predicted: "lossy",
    lost: ['request ["1"] program_id'],
    left: ["1|one|1|a||", two],
  },
  {
    title: "a new column: rows are kept, what it says is not",
    migration: "ALTER TABLE request ADD late boolean NOT NULL DEFAULT false",
    writes:
      "UPDATE request SET late = true, name = 'x' WHERE id = 1; UPDATE request SET name = 'y' WHERE id = 2",
    predicted: "lossy",
    lost: ['request ["1"] late'],
    left: ["1|x|1|a|1|", "2|y|2|b||"],
  },
  {
    title: "a required column is gone: new rows are lost",
    migration: "ALTER TABLE request DROP amount",
    writes:
      "INSERT INTO request (name) VALUES ('three'); UPDATE request SET name = 'x' WHERE id = 1",
    predicted: "lossy",
    lost: ['request ["3"] '],
    left: ["1|x|1|a|1|", two],
  },
  {
    title: "a required column is gone with its rule, and the site says what it gets",
    migration: "ALTER TABLE request DROP amount",
    map: { amount: "length(request.name) * 10" },
    writes:
      "INSERT INTO request (name) VALUES ('three'); UPDATE request SET name = 'x' WHERE id = 1",
    predicted: "lossy",
    lost: [],
    left: ["1|x|10|a|1|", two, "3|three|50|||"],
  },
  {
    title: "another type, and the site says what becomes of it",
    migration:
      "ALTER TABLE request ALTER name TYPE varchar(50), ALTER code TYPE text, ADD much text",
    map: { name: "left(name, 10)", code: "coalesce(much, code)" },
    writes: `INSERT INTO request (name, amount, much) VALUES ('a title too long', 3, 'c');
             UPDATE request SET code = 'x' WHERE id = 1`,
    predicted: "lossy",
    lost: ['request ["3"] much'],
    left: ["1|one|1|x|1|", two, "3|a title to|3|c||"],
  },
  {
    title: "what the site says fails for a row: it is told",
    migration: "ALTER TABLE request DROP amount",
    map: { amount: "10 / (length(name) - 1)" },
    writes: `INSERT INTO request (name) VALUES ('three');
             UPDATE request SET name = 'x' WHERE id = 1`,
    predicted: "lossy",
    lost: ['request ["1"] amount'],
    left: ["1|x|1|a|1|", two, "3|three|2|||"],
  },
  {
    title: "a new table",
    migration: "CREATE TABLE demand (id serial PRIMARY KEY)",
    writes: "INSERT INTO demand DEFAULT VALUES; UPDATE request SET name = 'x' WHERE id = 1",
    predicted: "lossless",
    lost: ["demand ? "],
    left: ["1|x|1|a|1|", two],
  },
  {
    title: "large objects do not follow, and are told",
    migration: "SELECT lo_from_bytea(7, 'before'), lo_from_bytea(9, 'same')",
    writes: `SELECT lo_put(7, 0, 'after'), lo_from_bytea(8, 'new'); UPDATE request SET name = 'x' WHERE id = 1`,
    predicted: "lossless",
    lost: ["pg_largeobject ? ", "pg_largeobject ? "],
    left: ["1|x|1|a|1|", two],
  },
  {
    title: "no key",
    migration: "ALTER TABLE request DROP CONSTRAINT request_pkey",
    writes: "UPDATE request SET name = 'x' WHERE id = 1; DELETE FROM request WHERE id = 2",
    predicted: "impossible",
    lost: ["request ? ", "request deleted 1"],
    left: ["1|one|1|a|1|", two],
  },
  {
    title: "another key",
    migration:
      "ALTER TABLE request DROP CONSTRAINT request_pkey; ALTER TABLE request ADD PRIMARY KEY (amount)",
    writes: "UPDATE request SET name = 'x' WHERE id = 1",
    predicted: "impossible",
    lost: ["request ? "],
    left: ["1|one|1|a|1|", two],
  },
  {
    title: "a table that boot dropped and made anew",
    migration:
      "CREATE TABLE again AS TABLE request; DROP TABLE request CASCADE; ALTER TABLE again RENAME TO request; ALTER TABLE request ADD PRIMARY KEY (id)",
    writes: "UPDATE request SET name = 'x' WHERE id = 1",
    predicted: "lossy",
    lost: [],
    left: ["1|x|1|a|1|", two],
  },
  {
    title: "rows the migrations changed: what was written since carries their values",
    migration: "UPDATE request SET code = upper(code)",
    writes: "UPDATE request SET name = 'x' WHERE id = 1",
    predicted: "lossy",
    lost: ['request ["1"] '],
    left: ["1|x|1|A|1|", two],
  },
  {
    title: "a reference the migrations emptied, and then the row it led to",
    migration: "UPDATE request SET program_id = NULL WHERE id = 1",
    writes: "DELETE FROM program",
    predicted: "lossy",
    lost: [],
    left: ["1|one|1|a||", two],
  },
  {
    title: "a reference the migrations led elsewhere, and then the row it led to before",
    before: "INSERT INTO program VALUES (2)",
    migration: "UPDATE request SET program_id = 2 WHERE id = 1",
    writes: "DELETE FROM program WHERE id = 1",
    predicted: "lossy",
    lost: ['request ["1"] program_id'],
    left: ["1|one|1|a||", two],
  },
  {
    title: "rows the migrations added are not there, nor what refers to them",
    migration: "INSERT INTO program VALUES (2)",
    writes: "UPDATE request SET program_id = 2 WHERE id = 1",
    predicted: "lossy",
    lost: ['request ["1"] program_id'],
    left: ["1|one|1|a||", two],
  },
];

test.each(cases)("$title", async (one) => {
  const { before = "", migration, map, writes, predicted, lost, left } = one;
  const pair = await followedPair(postgres(), tables + before, migration, map && { request: map });
  await pair.serving.query(writes);
  const found = await pair.rollback();
  expect({ lost: found, left: await contents(pair.previous) }).toEqual({ lost, left });
  const classOf = (name: string) => pair.classes.find(({ table }) => table === name)?.class;
  expect(classOf("request") ?? classOf("demand")).toBe(predicted);
  await expectUsable(pair);
});

/** Some 13,000 bytes that do not get shorter. */
const long = "(SELECT string_agg(md5(i::text), '') FROM generate_series(1, 400) i)";
const ci = `CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);`;

interface Stop {
  readonly title: string;
  readonly before: string;
  readonly migration?: string;
  readonly writes: string;
  /** Predicted for `t`. */
  readonly predicted: Case["predicted"];
  readonly lost: readonly string[];
  /** What `t` has then: its key, and the first characters of its text. */
  readonly left: readonly string[];
}

const t = "CREATE TABLE t (id serial PRIMARY KEY, note text);";

const stops: readonly Stop[] = [
  {
    title: "a value that is too long for an index of the old version",
    before: `${t} CREATE INDEX t_note ON t (note);`,
    migration: "DROP INDEX t_note",
    writes: `INSERT INTO t (note) VALUES (${long}), ('short')`,
    predicted: "lossy",
    lost: ['t ["1"] '],
    left: ["2 short"],
  },
  {
    title: "a value that is too long for a unique index of the old version",
    before: `${t} CREATE UNIQUE INDEX t_note ON t (note); INSERT INTO t (note) VALUES ('one');`,
    migration: "DROP INDEX t_note",
    writes: `UPDATE t SET note = ${long}; INSERT INTO t (note) VALUES ('short')`,
    predicted: "lossy",
    lost: ['t ["1"] note'],
    left: ["1 one", "2 short"],
  },
  {
    title: "a value that an index of the old version cannot compute with",
    before: `${t} CREATE INDEX t_note ON t ((note::integer));`,
    migration: "DROP INDEX t_note",
    writes: "INSERT INTO t (note) VALUES ('x'), ('2')",
    predicted: "lossy",
    lost: ['t ["1"] '],
    left: ["2 2"],
  },
  {
    title: "a text that the collation of a unique column takes for another",
    before: `${ci} CREATE TABLE t (id serial PRIMARY KEY, note text COLLATE ci UNIQUE); INSERT INTO t (note) VALUES ('abc');`,
    migration: `ALTER TABLE t ALTER note TYPE text COLLATE "default"`,
    writes: "INSERT INTO t (note) VALUES ('ABC'), ('D')",
    predicted: "lossy",
    lost: ['t ["2"] '],
    left: ["1 abc", "3 D"],
  },
  {
    title: "a text that a rule takes otherwise by another collation",
    before: `${ci} CREATE TABLE t (id serial PRIMARY KEY, note text COLLATE ci CHECK (note <> 'no'));`,
    migration: `ALTER TABLE t ALTER note TYPE text COLLATE "default"`,
    writes: "INSERT INTO t (note) VALUES ('NO'), ('yes')",
    predicted: "lossy",
    lost: ['t ["1"] '],
    left: ["2 yes"],
  },
  {
    title: "a table emptied at once that a table of the old version refers to",
    before: `${t} CREATE TABLE r (id serial PRIMARY KEY, t integer REFERENCES t DEFERRABLE);
             INSERT INTO t (note) VALUES ('one'), ('two'); INSERT INTO r (t) VALUES (1), (2);`,
    migration: "DROP TABLE r",
    writes: "TRUNCATE t; INSERT INTO t (note) VALUES ('new')",
    predicted: "lossless",
    lost: ['r ["1"] t', 'r ["2"] t'],
    left: ["3 new"],
  },
  {
    title: "a table emptied at once without one that no longer refers to it",
    before: `${t} CREATE TABLE r (id serial PRIMARY KEY, t integer NOT NULL REFERENCES t);
             INSERT INTO t (note) VALUES ('one'), ('two'); INSERT INTO r (t) VALUES (2);`,
    migration:
      "ALTER TABLE r DROP CONSTRAINT r_t_fkey; ALTER TABLE t RENAME TO s; ALTER TABLE s RENAME id TO number",
    writes: "TRUNCATE s; INSERT INTO s VALUES (5, 'new')",
    predicted: "lossless",
    lost: ['r ["1"] '],
    left: ["5 new"],
  },
  {
    title: "a number that the key of the old version has no room for",
    before: `${t} INSERT INTO t (note) VALUES ('one'), ('two');`,
    migration: "ALTER TABLE t ALTER id TYPE bigint; ALTER SEQUENCE t_id_seq AS bigint",
    writes: `INSERT INTO t VALUES (3000000000, 'far'), (7, 'near'); UPDATE t SET id = 4000000000 WHERE id = 2;
             UPDATE t SET note = 'x' WHERE id IN (1, 3000000000); SELECT setval('t_id_seq', 3000000000)`,
    predicted: "lossy",
    lost: ['t ["4000000000"] ', 't ["3000000000"] '],
    left: ["1 x", "7 near"],
  },
  {
    title: "a value again that a migration has emptied out of a table",
    before: `CREATE TABLE t (id serial PRIMARY KEY, note text UNIQUE); INSERT INTO t (note) VALUES ('one');`,
    migration: "TRUNCATE t",
    writes: "INSERT INTO t (note) VALUES ('one'), ('two')",
    predicted: "lossy",
    lost: ['t ["2"] '],
    left: ["1 one", "3 two"],
  },
  {
    title: "a number again that only a table that was not logged has given",
    before:
      "CREATE UNLOGGED TABLE t (id serial PRIMARY KEY, note text); INSERT INTO t (note) VALUES ('one');",
    // As a copy has it.
    migration: "TRUNCATE t RESTART IDENTITY; ALTER TABLE t SET LOGGED",
    writes: "INSERT INTO t (note) VALUES ('two')",
    predicted: "impossible",
    lost: ["t ? "],
    left: ["1 one"],
  },
  {
    title: "what triggers and rules of the site write that act on replication as well: once",
    before: `${t} CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               INSERT INTO t (note) SELECT 'again' WHERE NEW.note = 'one'; RETURN NEW; END $$;
             CREATE TRIGGER again BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION again();
             ALTER TABLE t ENABLE ALWAYS TRIGGER again;`,
    writes: "INSERT INTO t (note) VALUES ('one'), ('two')",
    predicted: "lossless",
    lost: [],
    left: ["1 one", "2 again", "3 two"],
  },
];

const titled = stops.map((one) => [one.title, one] as const);

test.each(titled)("nothing stops a follower: %s", async (_, one) => {
  const pair = await followedPair(postgres(), one.before, one.migration ?? "SELECT");
  const firing = `SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal`;
  await pair.serving.query(one.writes);
  const lost = await pair.rollback();
  const { rows } = await pair.previous.query<{ row: string }>(
    "SELECT concat_ws(' ', id, left(note, 5)) AS row FROM t ORDER BY id",
  );
  expect({ lost, left: rows.map(({ row }) => row) }).toEqual({ lost: one.lost, left: one.left });
  const names = ["t", "s"];
  expect(pair.classes.find(({ table }) => names.includes(table))?.class).toBe(one.predicted);
  expect((await pair.previous.query(firing)).rows).toEqual((await pair.serving.query(firing)).rows);
  await pair.previous.query("INSERT INTO t (note) VALUES (DEFAULT)");
  await expectRules(pair);
});

test("a transaction whose rows refer to each other in any order is kept", async () => {
  const pair = await followedPair(
    postgres(),
    `${tables} ALTER TABLE request ALTER CONSTRAINT request_program_id_fkey DEFERRABLE INITIALLY DEFERRED`,
    "ALTER TABLE request ADD late text",
  );
  await pair.serving.query(
    "BEGIN; INSERT INTO request (amount, program_id) VALUES (3, 7); INSERT INTO program VALUES (7); COMMIT",
  );
  expect(await pair.rollback()).toEqual([]);
  expect(await contents(pair.previous)).toContain("3||3||7|");
});

test("what the first boot and a probed page write is kept too, and what users then write about it", async () => {
  const pair = await follow(postgres(), {
    create: async (old) => void (await old.query(tables)),
    migrate: async (now) => void (await now.query("INSERT INTO program VALUES (2)")),
    boot: async (now) =>
      void (await now.query("INSERT INTO request (name, amount) VALUES ('boot', 3), ('page', 4)")),
  });
  await pair.serving.query("UPDATE request SET name = 'user' WHERE id = 4");
  await pair.serving.query("UPDATE request SET code = 'c' WHERE id = 3");
  expect(await pair.rollback()).toEqual([]);
  expect(await contents(pair.previous)).toEqual([
    "1|one|1|a|1|",
    two,
    "3|boot|3|c||",
    "4|user|4|||",
  ]);
});

test("a table that the first boot makes anew takes nobody's rows away unsaid", async () => {
  const pair = await follow(postgres(), {
    create: async (old) => void (await old.query(tables)),
    migrate: () => Promise.resolve(),
    boot: async (now) => void (await now.query(`DROP TABLE request; ${tables.split(";").at(-3)};`)),
  });
  await pair.serving.query("INSERT INTO request (name, amount) VALUES ('user', 3)");
  const lost = await pair.rollback();
  expect(lost.map(({ table, rows }) => `${table} ${rows.length}`)).toEqual(["request 1"]);
});

test("what is written to another schema is not said to be kept, and comes back from what is written down", async () => {
  const pair = await follow(postgres(), {
    create: async (old) =>
      void (await old.query(
        `${tables} CREATE SCHEMA site; CREATE TABLE site."My notes" (t text); INSERT INTO site."My notes" VALUES ('before')`,
      )),
    migrate: () => Promise.resolve(),
  });
  await pair.serving.query(`INSERT INTO site."My notes" VALUES ('since')`);
  const losses = await pair.rollback();
  expect(losses.map(({ table, rows }) => `${table} ${rows.length}`)).toEqual(["site.My notes 1"]);
  const [lost] = await readLost(pair.serving, losses, pair.plan);
  for (const statement of lost?.statements ?? []) await pair.previous.query(statement);
  const { rows } = await pair.previous.query(`SELECT t FROM site."My notes" ORDER BY t`);
  expect(rows).toEqual([{ t: "before" }, { t: "since" }]);
});

test("rows of tables that were emptied at once, and would be there again, are counted where nothing arrives", async () => {
  const pair = await follow(postgres(), {
    create: async (old) =>
      void (await old.query(
        `${tables} CREATE SCHEMA site; CREATE TABLE site.note (id integer); INSERT INTO site.note VALUES (1), (2);
         CREATE TABLE log (t text); INSERT INTO log VALUES ('one'), ('two'), ('three')`,
      )),
    migrate: () => Promise.resolve(),
  });
  await pauseFollowing(pair.previous);
  await pair.serving.query(
    "TRUNCATE request, log, site.note; INSERT INTO request (amount) VALUES (3); UPDATE request SET amount = 4; UPDATE program SET id = 2",
  );
  const losses = await pair.rollback({ stopped: true });
  const told = losses.map(({ table, rows, deleted }) => [table, rows.length, deleted]);
  expect(told).toEqual([
    ["log", 0, 3],
    ["program", 1, 0],
    ["request", 1, 2],
    ["site.note", 0, 2],
  ]);
});

test("of a value that had to be converted it is told whether it has arrived before everything stopped", async () => {
  const pair = await followedPair(
    postgres(),
    tables,
    "ALTER TABLE request ALTER name TYPE varchar(50)",
  );
  await pair.serving.query("UPDATE request SET name = 'x' WHERE id = 1");
  await followedUpTo(pair.previous, await flushedPosition(pair.serving), {
    limitMs: 30_000,
    signal: AbortSignal.timeout(60_000),
  });
  await pauseFollowing(pair.previous);
  await pair.serving.query("UPDATE request SET name = 'y' WHERE id = 2");
  expect(await pair.rollback({ stopped: true })).toEqual(['request ["2"] name']);
  expect(await contents(pair.previous)).toEqual(["1|x|1|a|1|", two]);
});

test("while users wait only what was written since an earlier look is compared, and nothing is missed", async () => {
  const pair = await follow(postgres(), {
    create: async (old) =>
      void (await old.query(
        `CREATE TABLE t (id serial PRIMARY KEY, note varchar(10)); CREATE TABLE log (t text);
         CREATE SCHEMA site; CREATE TABLE site.note (t text); CREATE UNLOGGED TABLE cache (t text);
         INSERT INTO t (note) SELECT 'old' FROM generate_series(1, 5000)`,
      )),
    migrate: async (now) =>
      void (await now.query("ALTER TABLE t ALTER note TYPE text; CREATE TABLE fresh (t text)")),
  });
  const { serving } = pair;
  const tooLong = "more than ten characters";
  await serving.query(
    `UPDATE t SET note = '${tooLong}' WHERE id IN (1, 2, 3, 4); UPDATE t SET note = 'short' WHERE id = 5000;
     INSERT INTO log VALUES ('first'), ('second'); INSERT INTO fresh VALUES ('first'); INSERT INTO cache VALUES ('first')`,
  );
  const other = await postgres().connect(
    String((await serving.query("SELECT current_database() AS name")).rows[0]?.name),
  );
  const read: string[] = [];
  const losses = await pair.rollback({
    async meanwhile() {
      await serving.query(
        `UPDATE t SET note = 'short' WHERE id = 1; DELETE FROM t WHERE id = 2; UPDATE t SET note = 'even ${tooLong}' WHERE id = 3;
         UPDATE t SET note = '${tooLong}' WHERE id = 2500; DELETE FROM log WHERE t = 'first'; INSERT INTO log VALUES ('third');
         INSERT INTO site.note VALUES ('since'); INSERT INTO cache VALUES ('since'); TRUNCATE fresh; INSERT INTO fresh VALUES ('since')`,
      );
      await other.query("SET synchronous_commit = off");
      await other.query("INSERT INTO fresh VALUES ('late')");
      read.push(...(await scanned(serving)));
    },
  });
  const told = losses.map(({ table, rows }) => [table, rows.length]);
  expect(Object.fromEntries(told)).toEqual({ cache: 2, fresh: 2, log: 2, "site.note": 1, t: 3 });
  const keys = losses.find(({ table }) => table === "t")?.rows.map(({ key }) => key);
  expect(keys?.toSorted()).toEqual(['["2500"]', '["3"]', '["4"]']);
  // Not all of a table that has many rows.
  await serving.query("SELECT pg_stat_force_next_flush()");
  expect(await scanned(serving)).toEqual(read);
});

test("while somebody who has written has not committed, nothing is told that a later look could begin from", async () => {
  const pair = await followedPair(postgres(), "CREATE TABLE t (id serial PRIMARY KEY)", "SELECT");
  const { serving } = pair;
  const position = async () => await positionForLook(serving, AbortSignal.timeout(20_000));
  const other = await postgres().connect(
    String((await serving.query("SELECT current_database() AS name")).rows[0]?.name),
  );
  await other.query("BEGIN");
  await other.query("INSERT INTO t DEFAULT VALUES");

  expect(await position()).toBeUndefined();
  await other.query("COMMIT");
  expect(await position()).toEqual(expect.any(String));
  await pair.rollback();
});

test("a long value that is not sent again is kept", async () => {
  const long = "SELECT string_agg(md5(i::text), '') FROM generate_series(1, 5000) i";
  const pair = await followedPair(
    postgres(),
    `CREATE TABLE note (id serial PRIMARY KEY, body text, seen integer);
     INSERT INTO note (body) ${long}`,
    "ALTER TABLE note ALTER seen TYPE text, ADD extra text",
  );
  await pair.serving.query("UPDATE note SET seen = '5'");
  expect(await pair.rollback()).toEqual([]);
  const { rows } = await pair.previous.query(`SELECT body = (${long}) AS same, seen FROM note`);
  expect(rows).toEqual([{ same: true, seen: 5 }]);
});

test("a database that was put back in shape and follows again takes what was written meanwhile", async () => {
  const pair = await followedPair(postgres(), tables, "ALTER TABLE request RENAME name TO title");
  await pair.serving.query("UPDATE request SET title = 'x' WHERE id = 1");
  await pair.rollback({ thenFollowAgain: true });
  await pair.serving.query("UPDATE request SET title = 'y' WHERE id = 2");
  expect(await pair.rollback()).toEqual([]);
  expect(await contents(pair.previous)).toEqual(["1|x|1|a|1|", "2|y|2|b||"]);
});

test("a database that is given up gets its own shape back, whatever its rows refer to", async () => {
  const pair = await followedPair(
    postgres(),
    `${tables} CREATE TABLE own (id serial PRIMARY KEY, program_id integer NOT NULL REFERENCES program);
     INSERT INTO own (program_id) VALUES (1)`,
    "DROP TABLE own; ALTER TABLE request DROP program_id",
  );
  await pair.serving.query("DELETE FROM program");
  await followedUpTo(pair.previous, await flushedPosition(pair.serving), {
    limitMs: 30_000,
    signal: AbortSignal.timeout(60_000),
  });
  await pauseFollowing(pair.previous);
  await inTransaction(pair.previous, async () => await unshape(pair.previous, pair.plan));
  const { rows } = await pair.previous.query(
    "SELECT conname AS name, convalidated AS validated FROM pg_constraint WHERE contype = 'f' ORDER BY 1",
  );
  expect(rows).toEqual([
    { name: "own_program_id_fkey", validated: false },
    { name: "request_program_id_fkey", validated: false },
  ]);
  await endFollowing(pair.previous);
  await unpublish(pair.serving);
});

test("an expression of the site is tried on all rows there are", async () => {
  const old = await postgres().create("mapped");
  await old.query(tables);
  const before = await readSchema(old);
  await old.query("ALTER TABLE request RENAME TO demand; ALTER TABLE demand DROP amount");
  const failures = await mappingFailures(old, before, await readSchema(old), {
    request: {
      amount: "length(name)",
      code: "nowhere",
      name: "1 / (id - 2)",
      urgent: "CASE WHEN id = 1 THEN 'so' END",
      missing: "1",
    },
    other: { amount: "1" },
  });
  expect(failures.map(({ table, column, reason }) => `${table}.${column}: ${reason}`)).toEqual([
    'request.code: column "nowhere" does not exist',
    "request.name: division by zero",
    'request.urgent: invalid input syntax for type boolean: "so"',
    'request.missing: column "missing" of relation "request" does not exist',
    'other.amount: column "amount" of relation "other" does not exist',
  ]);
});

test("large objects that a rollback leaves out are written down, and come back from that", async () => {
  const pair = await follow(postgres(), {
    create: async (old) => void (await old.query("SELECT lo_from_bytea(7, 'before')")),
    migrate: () => Promise.resolve(),
  });
  const { serving, previous, plan } = pair;
  await serving.query("SELECT lo_put(7, 0, 'after '), lo_from_bytea(8, '\\x00ff')");
  const [lost] = await readLost(serving, await pair.rollback(), plan);
  expect(lost?.rows).toEqual([
    ["7", `\\x${Buffer.from("after ").toString("hex")}`],
    ["8", "\\x00ff"],
  ]);
  for (const statement of lost?.statements ?? []) await previous.query(statement);
  const { rows } = await previous.query("SELECT lo_get(7) AS seven, lo_get(8) AS eight");
  expect(rows).toEqual([{ seven: Buffer.from("after "), eight: Buffer.from([0, 255]) }]);
});

test("a look at the database tells what its copies leave out, and what does not follow", async () => {
  const site = await postgres().create("not_carried");
  const usual = `CREATE TABLE django_migrations (app text); CREATE UNLOGGED TABLE empty (id serial PRIMARY KEY);
    CREATE TABLE computed (id serial PRIMARY KEY, twice integer GENERATED ALWAYS AS (2) STORED, t text COLLATE "C" UNIQUE);
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER own BEFORE INSERT ON computed FOR EACH ROW EXECUTE FUNCTION f();
    CREATE RULE own AS ON DELETE TO computed DO INSTEAD NOTHING;`;
  await site.query(usual);
  const nothing = { unlogged: [], prepared: [], extensions: [], collations: [], keyless: [] };
  const { outside, ...carried } = await readNotCarried(site);
  expect(carried).toEqual({ ...nothing, sortedOtherwise: false });
  expect(outside).toMatchObject({ tables: [], views: [], largeObjects: 0 });

  await site.query(`
    INSERT INTO empty DEFAULT VALUES; CREATE UNLOGGED SEQUENCE unused; CREATE UNLOGGED SEQUENCE numbers; SELECT nextval('numbers');
    CREATE SCHEMA site; CREATE TABLE site."My notes" (t text); CREATE MATERIALIZED VIEW figures AS SELECT 1;
    SELECT lo_create(0); CREATE TABLE parts (id integer PRIMARY KEY) PARTITION BY RANGE (id);
    CREATE TABLE part PARTITION OF parts DEFAULT; CREATE TABLE log (t text);
    CREATE COLLATION fr (provider = icu, locale = 'fr-FR'); CREATE TABLE sorted (t text COLLATE fr PRIMARY KEY);
    UPDATE pg_collation SET collversion = '0' WHERE collname = 'fr' OR collname = 'de-x-icu';
  `);
  expect(await readNotCarried(site)).toMatchObject({
    unlogged: ["public.empty", "public.numbers"],
    collations: ["public.fr"],
    keyless: ["public.log", "public.parts"],
    outside: { tables: ['site."My notes"'], views: ["public.figures"], largeObjects: 1 },
  });
});

test("planning asks nothing of what both sides share", async () => {
  const same = await postgres().create("same");
  await same.query(tables);
  const schema = await readSchema(same);
  const nothing = { changed: [], added: [] };
  const { tables: followed, referring } = planFollowing(schema, schema, nothing);
  expect(followed.every((table) => !table.guarded && !table.compared)).toBe(true);
  expect(referring).toEqual([]);
  expect(new Set(rollbackClasses(schema, schema, nothing).map((one) => one.class))).toEqual(
    new Set(["lossless"]),
  );
});

async function contents(previous: Database): Promise<string[]> {
  const { rows } = await previous.query<{ row: string }>(
    `SELECT concat_ws('|', id, coalesce(name, ''), amount, coalesce(code, ''), coalesce(program_id::text, ''),
                      coalesce(urgent::text, '')) AS row FROM request ORDER BY id`,
  );
  return rows.map(({ row }) => row.replace(/\|true$/, "|t"));
}

/** How often all of the table `t` has been read. */
async function scanned(serving: Database): Promise<string[]> {
  await serving.query("SELECT pg_stat_force_next_flush()");
  const { rows } = await serving.query<{ seq_scan: string }>(
    "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 't'",
  );
  return rows.map((row) => row.seq_scan);
}

/** A new row gets a number nobody has, and every rule of the previous version holds. */
async function expectUsable({ previous }: Pick<Followed, "previous">): Promise<void> {
  const insert = previous.query("INSERT INTO request (amount) VALUES (1)");
  await expect(insert).resolves.toMatchObject({ rowCount: 1 });
  await expectRules({ previous });
}

async function expectRules({ previous }: Pick<Followed, "previous">): Promise<void> {
  const { rows } = await previous.query<{ child: string; name: string }>(
    "SELECT conrelid::regclass::text AS child, quote_ident(conname) AS name FROM pg_constraint WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace",
  );
  for (const { child, name } of rows) {
    const { rows: found } = await previous.query<{ definition: string }>(
      "SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conrelid = $1::regclass AND quote_ident(conname) = $2",
      [child, name],
    );
    const again = previous.query(
      `ALTER TABLE ${child} DROP CONSTRAINT ${name}, ADD CONSTRAINT ${name} ${found[0]?.definition}`,
    );
    await expect(again, child).resolves.not.toBeInstanceOf(DatabaseError);
  }
}
