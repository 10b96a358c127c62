import { expect, test } from "vitest";
import type { Database } from "../../src/postgres/connect.ts";
import { usePostgres } from "../support/databases.ts";
import { followedPair } from "../support/followed.ts";

const postgres = usePostgres();

const rowsOf = async (database: Database, table: string) => {
  const { rows } = await database.query<{ row: string }>(
    `SELECT ${table}::text AS row FROM ${table} ORDER BY 1`,
  );
  return rows.map(({ row }) => row);
};

test("a column whose name another one has taken is out of its way while it follows, and back afterwards", async () => {
  const pair = await followedPair(
    postgres(),
    `CREATE TABLE t (id integer PRIMARY KEY, name text, name_new text);
     INSERT INTO t VALUES (1, 'old', 'one'), (2, 'old', 'two')`,
    "ALTER TABLE t DROP name; ALTER TABLE t RENAME name_new TO name",
  );
  await pair.serving.query(
    "UPDATE t SET name = 'user' WHERE id = 1; INSERT INTO t VALUES (3, 'new')",
  );
  expect(await pair.rollback()).toEqual([]);
  expect(await rowsOf(pair.previous, "t")).toEqual(["(1,old,user)", "(2,old,two)", "(3,,new)"]);
});

test("the same of one that must not be empty, and of what the site puts into it", async () => {
  const tables = `CREATE TABLE t (id integer PRIMARY KEY, name text NOT NULL DEFAULT 'none', name_new text);
     INSERT INTO t VALUES (1, 'old', 'one')`;
  const migration = "ALTER TABLE t DROP name; ALTER TABLE t RENAME name_new TO name";
  const written = "UPDATE t SET name = 'user' WHERE id = 1";
  const pair = await followedPair(postgres(), tables, migration, { t: { name: "upper(name)" } });
  await pair.serving.query(written);
  expect(await pair.rollback()).toEqual([]);
  expect(await rowsOf(pair.previous, "t")).toEqual(["(1,USER,user)"]);
});

test("a table whose name another one has taken is out of its way, too", async () => {
  const pair = await followedPair(
    postgres(),
    `CREATE TABLE a (id integer PRIMARY KEY, note text); INSERT INTO a VALUES (1, 'kept');
     CREATE TABLE b (id integer PRIMARY KEY, note text); INSERT INTO b VALUES (1, 'one')`,
    "DROP TABLE a; ALTER TABLE b RENAME TO a",
  );
  await pair.serving.query("INSERT INTO a VALUES (2, 'user')");
  expect(await pair.rollback()).toEqual([]);
  expect(await rowsOf(pair.previous, "a")).toEqual(["(1,kept)"]);
  expect(await rowsOf(pair.previous, "b")).toEqual(["(1,one)", "(2,user)"]);
});

test("and a column that the version left computes, where the new one has a plain one of its name", async () => {
  const pair = await followedPair(
    postgres(),
    `CREATE TABLE t (id integer PRIMARY KEY, price integer, total integer GENERATED ALWAYS AS (price * 2) STORED);
     INSERT INTO t VALUES (1, 1)`,
    "ALTER TABLE t ALTER total DROP EXPRESSION",
  );
  await pair.serving.query("UPDATE t SET price = 5, total = 10 WHERE id = 1");
  // What it computes is what users wrote.
  expect(await pair.rollback({ thenFollowAgain: true })).toEqual([]);
  await pair.serving.query("UPDATE t SET price = 7 WHERE id = 1");
  expect(await pair.rollback()).toEqual(['t ["1"] total']);
  expect(await rowsOf(pair.previous, "t")).toEqual(["(1,7,14)"]);
});
