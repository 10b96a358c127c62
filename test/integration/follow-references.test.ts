import { expect, test } from "vitest";
import { usePostgres } from "../support/databases.ts";
import { followedPair } from "../support/followed.ts";

const postgres = usePostgres();

const program = "CREATE TABLE program (id integer PRIMARY KEY); INSERT INTO program VALUES (1);";

interface Case {
  readonly title: string;
  readonly before: string;
  readonly migration: string;
  readonly writes: string;
  readonly lost: readonly string[];
  /** Rows of `request` that the version left then has. */
  readonly left: readonly string[];
}

const cases: readonly Case[] = [
  {
    title:
      "a row that must not be without its reference goes as a whole, and others only without it",
    before: `${program} CREATE TABLE request (id integer PRIMARY KEY, program_id integer REFERENCES program, email text,
               CHECK (program_id IS NOT NULL OR email IS NOT NULL));
             INSERT INTO request VALUES (1, 1, NULL), (2, 1, 'a@example.org'), (3, NULL, 'b@example.org')`,
    migration: "ALTER TABLE request DROP program_id",
    writes: "DELETE FROM program; UPDATE request SET email = 'c@example.org' WHERE id = 3",
    lost: ['request ["1"] '],
    left: ["(2,,a@example.org)", "(3,,c@example.org)"],
  },
  {
    title: "a reference to a table of another schema is looked up there",
    before: `CREATE SCHEMA site; CREATE TABLE site.colors (id integer PRIMARY KEY); INSERT INTO site.colors VALUES (1);
             CREATE TABLE request (id integer PRIMARY KEY, color_id integer REFERENCES site.colors, note text);
             INSERT INTO request VALUES (1, 1, 'one')`,
    migration: "SELECT",
    writes: "UPDATE request SET note = 'user' WHERE id = 1",
    lost: [],
    left: ["(1,1,user)"],
  },
  {
    title: "a reference to a table that is divided leads to one of its parts, and not to each",
    before: `CREATE TABLE year (id integer PRIMARY KEY) PARTITION BY RANGE (id);
             CREATE TABLE year_1 PARTITION OF year FOR VALUES FROM (0) TO (2000);
             CREATE TABLE year_2 PARTITION OF year FOR VALUES FROM (2000) TO (3000);
             INSERT INTO year VALUES (1999), (2026);
             CREATE TABLE request (id integer PRIMARY KEY, year_id integer NOT NULL REFERENCES year, note text);
             INSERT INTO request VALUES (1, 1999, 'one'), (2, 2026, 'two')`,
    migration: "SELECT",
    writes: "UPDATE request SET note = 'user' WHERE id = 1",
    lost: [],
    left: ["(1,1999,user)", "(2,2026,two)"],
  },
];

test.each(cases)("$title", async ({ before, migration, writes, lost, left }) => {
  const pair = await followedPair(postgres(), before, migration);
  await pair.serving.query(writes);
  expect(await pair.rollback()).toEqual(lost);
  const { rows } = await pair.previous.query<{ row: string }>(
    "SELECT request::text AS row FROM request ORDER BY id",
  );
  expect(rows.map(({ row }) => row)).toEqual(left);
});

test("a table of another schema that refers to one that follows refers to what is there", async () => {
  const pair = await followedPair(
    postgres(),
    `${program} CREATE SCHEMA site;
     CREATE TABLE site.remark (id integer PRIMARY KEY, program_id integer NOT NULL REFERENCES program);
     INSERT INTO site.remark VALUES (1, 1)`,
    "SELECT",
  );
  await pair.serving.query("DELETE FROM site.remark; DELETE FROM program");
  // That it would be there again is told; and it cannot be.
  expect(await pair.rollback()).not.toEqual([]);
  const { rows } = await pair.previous.query("SELECT FROM site.remark");
  expect(rows).toEqual([]);
});

test("what a rollback that was undone has put right is told by the next one, until it is as users left it", async () => {
  const pair = await followedPair(
    postgres(),
    `${program} INSERT INTO program VALUES (2);
     CREATE TABLE request (id integer PRIMARY KEY, program_id integer REFERENCES program, note text);
     CREATE TABLE step (id integer PRIMARY KEY, program_id integer NOT NULL REFERENCES program);
     INSERT INTO request VALUES (1, 1, 'one'), (2, 1, 'two'); INSERT INTO step VALUES (1, 1), (2, 2)`,
    "ALTER TABLE request DROP CONSTRAINT request_program_id_fkey; ALTER TABLE step DROP CONSTRAINT step_program_id_fkey",
  );
  await pair.serving.query("DELETE FROM program WHERE id = 1");
  const all = ['request ["1"] program_id', 'request ["2"] program_id', 'step ["1"] '];
  expect((await pair.rollback({ thenFollowAgain: true })).toSorted()).toEqual(all);
  // There is one again that they could refer to.
  await pair.serving.query("INSERT INTO program VALUES (1)");
  expect((await pair.rollback({ thenFollowAgain: true })).toSorted()).toEqual(all);
  await pair.serving.query(
    "UPDATE request SET note = 'again' WHERE id = 1; DELETE FROM step WHERE id = 1",
  );
  expect(await pair.rollback()).toEqual(['request ["2"] program_id']);
});
