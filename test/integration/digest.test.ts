import { escapeIdentifier } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../src/postgres/connect.ts";
import { compareData } from "../../src/postgres/compare-data.ts";
import { brokenConstraints, readSequences } from "../../src/postgres/consistency.ts";
import { countRows, dropDigests, droppedValues, keepDigests } from "../../src/postgres/digest.ts";
import { readSchema, type Schema } from "../../src/postgres/schema.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";

let postgres: Postgres;
let database: Database;
let number = 0;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres?.remove();
});
beforeEach(async () => {
  database = await postgres.create(`digest_${++number}`);
});

/** Runs a migration between two readings of everything. */
async function migrate(
  tables: string,
  migration: string,
): Promise<{ before: Schema; after: Schema }> {
  await database.query(tables);
  const before = await readSchema(database);
  await keepDigests(database, before);
  await database.query(migration);
  return { before, after: await readSchema(database) };
}

/** What a migration is found to have done to the rows, without what is as it was. */
async function found(tables: string, migration: string) {
  const { before, after } = await migrate(tables, migration);
  const comparison = await compareData(database, before, after);
  return comparison.map(({ oid: _, ...report }) =>
    Object.fromEntries(
      Object.entries(report).filter(
        ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
      ),
    ),
  );
}

const requests = `
  CREATE TABLE request (id serial PRIMARY KEY, name varchar(30), urgent boolean, day date, note text);
  INSERT INTO request (name, urgent, day)
  SELECT 'n° ' || n, n % 2 = 0, date '2024-03-30' + n FROM generate_series(1, 10) n;
  UPDATE request SET note = 'noted' WHERE id <= 4;`;

const same = { table: "request", before: 10, migrated: 10, removed: 0, added: 0 };

describe("rows and values, by primary key:", () => {
  test.each<[string, string, object]>([
    ["nothing was done", "UPDATE request SET name = name", same],
    [
      "rows that are lost and rows that come",
      `DELETE FROM request WHERE id <= 3; INSERT INTO request (name) VALUES ('new')`,
      { ...same, migrated: 8, removed: 3, added: 1 },
    ],
    [
      "values that are rewritten, whatever else is done to the column",
      `UPDATE request SET name = upper(name), note = NULL WHERE id <= 2;
       ALTER TABLE request RENAME name TO title; ALTER TABLE request ALTER title TYPE text`,
      {
        ...same,
        changed: [
          { column: "title", kind: "changed", rows: 2 },
          { column: "note", kind: "changed", rows: 2 },
        ],
      },
    ],
    [
      "values that are filled in",
      "UPDATE request SET note = '' WHERE note IS NULL",
      { ...same, changed: [{ column: "note", kind: "filled", rows: 6 }] },
    ],
    [
      "values that are filled in, of which one was there",
      "UPDATE request SET note = '' WHERE id >= 4",
      { ...same, changed: [{ column: "note", kind: "changed", rows: 7 }] },
    ],
    ["a wider type", "ALTER TABLE request ALTER name TYPE varchar(60), ALTER id TYPE bigint", same],
    [
      "a wider type that was made use of",
      `ALTER TABLE request ALTER name TYPE varchar(60); UPDATE request SET name = rpad(name, 40, '-') WHERE id = 7`,
      { ...same, changed: [{ column: "name", kind: "changed", rows: 1 }] },
    ],
    [
      "a boolean that becomes a number",
      "ALTER TABLE request ALTER urgent TYPE integer USING urgent::integer",
      { ...same, changed: [{ column: "urgent", kind: "converted", rows: 10 }] },
    ],
    [
      "a boolean that becomes a number it was not",
      `ALTER TABLE request ALTER urgent TYPE integer USING urgent::integer;
       UPDATE request SET urgent = 2 WHERE id = 2`,
      { ...same, changed: [{ column: "urgent", kind: "changed", rows: 1 }] },
    ],
    [
      "a date that becomes a moment",
      `SET timezone = 'UTC'; ALTER TABLE request ALTER day TYPE timestamptz`,
      { ...same, changed: [{ column: "day", kind: "converted", rows: 10 }] },
    ],
    [
      "a date that becomes a moment of another day",
      `SET timezone = 'UTC'; ALTER TABLE request ALTER day TYPE timestamptz USING day + interval '1 day'`,
      { ...same, changed: [{ column: "day", kind: "changed", rows: 10 }] },
    ],
    [
      "a type from which there is no way back",
      `ALTER TABLE request ALTER name TYPE integer[] USING ARRAY[id]`,
      { ...same, changed: [{ column: "name", kind: "changed", rows: 10 }] },
    ],
    [
      "a key of another type",
      `ALTER TABLE request ALTER id DROP DEFAULT; ALTER TABLE request ALTER id TYPE text USING id::text;
       DELETE FROM request WHERE id = '10'`,
      { ...same, migrated: 9, removed: 1 },
    ],
    [
      "another key, while the old one still tells rows apart",
      `ALTER TABLE request DROP CONSTRAINT request_pkey; ALTER TABLE request ADD key uuid DEFAULT gen_random_uuid() PRIMARY KEY;
       DELETE FROM request WHERE id = 1`,
      { ...same, migrated: 9, removed: 1 },
    ],
    [
      "a key that no longer tells rows apart",
      `ALTER TABLE request DROP CONSTRAINT request_pkey; UPDATE request SET id = 1, name = upper(name)`,
      {
        table: "request",
        before: 10,
        migrated: 10,
        changed: ["id", "name"].map((column) => ({ column, kind: "changed", rows: null })),
      },
    ],
    [
      "a former key that is not everywhere",
      `ALTER TABLE request DROP CONSTRAINT request_pkey; ALTER TABLE request ALTER id DROP NOT NULL;
       UPDATE request SET id = NULL WHERE id = 1`,
      {
        table: "request",
        before: 10,
        migrated: 10,
        changed: [{ column: "id", kind: "changed", rows: null }],
      },
    ],
    [
      "another name",
      `ALTER TABLE request RENAME TO "Dem'ande"; DELETE FROM "Dem'ande" WHERE id = 1`,
      { ...same, table: "Dem'ande", renamedFrom: "request", migrated: 9, removed: 1 },
    ],
    [
      "a column that took another's place and has its values",
      `ALTER TABLE request ADD fresh text; UPDATE request SET fresh = name;
       ALTER TABLE request DROP name; ALTER TABLE request RENAME fresh TO name`,
      same,
    ],
    [
      "a column that took another's place without its values",
      "ALTER TABLE request DROP name; ALTER TABLE request ADD name text",
      { ...same, changed: [{ column: "name", kind: "changed", rows: 10 }] },
    ],
    [
      "a table that took another's place with some of its rows",
      `CREATE TABLE fresh (note text, name text, id integer PRIMARY KEY);
       INSERT INTO fresh SELECT note, name, id FROM request WHERE id > 1;
       DROP TABLE request; ALTER TABLE fresh RENAME TO request`,
      { ...same, migrated: 9, removed: 1, createdBy: "migration", droppedBy: "migration" },
    ],
    [
      "a table that is gone",
      "DROP TABLE request",
      { table: "request", before: 10, droppedBy: "migration" },
    ],
  ])("%s", async (_, migration, expected) => {
    expect(await found(requests, migration)).toEqual([expected]);
  });

  test("a number that becomes a boolean is changed where it said more than a boolean can", async () => {
    const tables = `CREATE TABLE request (id serial PRIMARY KEY, urgent integer);
      INSERT INTO request (urgent) VALUES (0), (1), (2), (NULL)`;
    const migration = "ALTER TABLE request ALTER urgent TYPE boolean USING urgent::boolean";
    expect(await found(tables, migration)).toMatchObject([
      { changed: [{ column: "urgent", kind: "changed", rows: 1 }] },
    ]);
  });
});

test("a table that is new comes with its rows", async () => {
  const created = await found("", "CREATE TABLE device AS SELECT generate_series(1, 3) AS id");
  expect(created).toEqual([{ table: "device", migrated: 3, createdBy: "migration" }]);
});

test("a key may be of several columns, and names be whatever PostgreSQL takes", async () => {
  const tables = `CREATE TABLE "Été ""96""" ("Année" integer, "le nom" text, "Où; --" text, PRIMARY KEY ("le nom", "Année"));
    INSERT INTO "Été ""96""" SELECT n, 'nom ' || m, 'ici' FROM generate_series(1, 3) n, generate_series(1, 3) m`;
  const migration = `DELETE FROM "Été ""96""" WHERE "Année" = 2 AND "le nom" = 'nom 1';
    UPDATE "Été ""96""" SET "Où; --" = 'là' WHERE "Année" = 3`;
  expect(await found(tables, migration)).toEqual([
    {
      table: 'Été "96"',
      before: 9,
      migrated: 8,
      removed: 1,
      added: 0,
      changed: [{ column: "Où; --", kind: "changed", rows: 3 }],
    },
  ]);
});

describe("without a key", () => {
  const log = `CREATE TABLE log (line text, level integer, ok boolean);
    INSERT INTO log SELECT 'line ' || n % 3, n % 2, n % 2 = 0 FROM generate_series(1, 10) n;
    UPDATE log SET level = NULL WHERE line = 'line 0'`;
  const counts = { table: "log", before: 10, migrated: 10 };
  const change = (column: string, kind: string) => ({ column, kind, rows: null });

  test.each<[string, string, object]>([
    ["rows that are lost change no value", "DELETE FROM log WHERE level = 1", { migrated: 7 }],
    ["rows that come change no value", "INSERT INTO log VALUES ('new', 5)", { migrated: 11 }],
    [
      "rewritten values are named",
      "UPDATE log SET line = 'line 9' WHERE level = 1",
      { changed: [change("line", "changed")] },
    ],
    [
      "filled values are named",
      "UPDATE log SET level = 7 WHERE level IS NULL",
      { changed: [change("level", "filled")] },
    ],
    [
      "converted values are named",
      "ALTER TABLE log ALTER ok TYPE integer USING ok::integer",
      { changed: [change("ok", "converted")] },
    ],
  ])("%s", async (_, migration, expected) => {
    expect(await found(log, migration)).toEqual([{ ...counts, ...expected }]);
  });
});

test("rows of partitions and of tables that inherit are counted once", async () => {
  const tables = `
    CREATE TABLE log (day date PRIMARY KEY) PARTITION BY RANGE (day);
    CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE TABLE log_2 PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    INSERT INTO log VALUES ('2024-05-01'), ('2025-05-01'), ('2025-05-02');
    CREATE TABLE parent (id integer PRIMARY KEY); CREATE TABLE child () INHERITS (parent);
    INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2)`;
  const { before, after } = await migrate(tables, "DROP TABLE log_1");
  const compared = await compareData(database, before, after);
  expect(compared.map((one) => [one.table, one.before, one.migrated, one.removed])).toEqual([
    ["child", 1, 1, null],
    ["log", 3, 2, 1],
    ["parent", 1, 1, 0],
  ]);
  const rows = await countRows(database, after);
  expect(after.tables.map(({ oid, name }) => [name, rows.get(oid)])).toEqual([
    ["child", 1],
    ["log", 2],
    ["parent", 1],
  ]);
});

test("settings a release leaves to the database make no value look changed", async () => {
  const tables = `CREATE TABLE visit (id serial PRIMARY KEY, at timestamptz, took interval, raw bytea, rate float8);
    INSERT INTO visit (at, took, raw, rate) VALUES ('2024-07-01 12:00Z', '1 day 2 hours', '\\xff', 0.1::float8 + 0.2)`;
  const name = escapeIdentifier(`digest_${number}`);
  const migration = `ALTER DATABASE ${name} SET timezone = 'Europe/Paris';
    ALTER DATABASE ${name} SET datestyle = 'SQL, DMY'; ALTER DATABASE ${name} SET intervalstyle = 'iso_8601';
    ALTER DATABASE ${name} SET bytea_output = 'escape'; ALTER DATABASE ${name} SET extra_float_digits = 0;
    ALTER DATABASE ${name} SET search_path = ''`;
  const { before, after } = await migrate(tables, migration);
  const fresh = await postgres.connect(`digest_${number}`);
  expect(await readSchema(fresh)).toEqual(after);
  expect(await compareData(fresh, before, after)).toMatchObject([{ removed: 0, changed: [] }]);
});

test("a dropped column is named with the rows that had a value in it", async () => {
  const { before, after } = await migrate(
    `${requests} ALTER TABLE request ADD never text`,
    `ALTER TABLE request DROP note, DROP never; ALTER TABLE request DROP id; ALTER TABLE request RENAME TO demand`,
  );
  expect(await droppedValues(database, before, after)).toEqual([
    { table: "demand", column: "id", rows: 10 },
    { table: "demand", column: "note", rows: 4 },
  ]);
});

test("a sequence that would hand out a number in use is behind", async () => {
  const { before, after } = await migrate(
    `CREATE TABLE ahead (id serial PRIMARY KEY); INSERT INTO ahead SELECT FROM generate_series(1, 5);
     CREATE TABLE behind (id serial PRIMARY KEY); INSERT INTO behind DEFAULT VALUES;
     CREATE TABLE fresh (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY);
     CREATE TABLE gone (id serial PRIMARY KEY)`,
    `INSERT INTO behind VALUES (2); INSERT INTO fresh VALUES (1); DROP TABLE gone;
     CREATE TABLE "Née" (id serial PRIMARY KEY); INSERT INTO "Née" DEFAULT VALUES;
     INSERT INTO ahead DEFAULT VALUES`,
  );
  const reports = await readSequences(database, before, after);
  expect(reports.map((one) => [one.sequence, one.before, one.after, one.behind])).toEqual([
    ["Née_id_seq", null, 1, false],
    ["ahead_id_seq", 5, 6, false],
    ["behind_id_seq", 1, 1, true],
    ["fresh_id_seq", null, null, true],
    ["gone_id_seq", null, null, false],
  ]);
});

test("constraints that rows violate are named, with the rows", async () => {
  const { after } = await migrate(
    `CREATE TABLE program (year integer, "Code" varchar(10), PRIMARY KEY (year, "Code"));
     CREATE TABLE request (id serial PRIMARY KEY, year integer, program varchar(10), amount integer,
       CONSTRAINT "à jour" FOREIGN KEY (year, program) REFERENCES program (year, "Code"),
       CONSTRAINT fine CHECK (amount < 100));
     INSERT INTO program VALUES (2024, 'A')`,
    `SET session_replication_role = replica;
     INSERT INTO request (year, program, amount) VALUES (2024, 'A', 1), (2024, 'B', -1), (2025, 'A', -2), (2025, NULL, NULL);
     RESET session_replication_role;
     ALTER TABLE request ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID,
       ADD CONSTRAINT kept CHECK (id > 0) NOT VALID,
       ADD CONSTRAINT whole FOREIGN KEY (year, program) REFERENCES program (year, "Code") MATCH FULL NOT VALID`,
  );
  const definition = 'FOREIGN KEY (year, program) REFERENCES program(year, "Code")';
  expect(await brokenConstraints(database, after)).toEqual(
    [
      { constraint: "positive", definition: "CHECK ((amount > 0)) NOT VALID", rows: 2 },
      { constraint: "whole", definition: `${definition} MATCH FULL NOT VALID`, rows: 3 },
      { constraint: "à jour", definition, rows: 2 },
    ].map((broken) => ({ table: "request", ...broken })),
  );
});

test("notes can be taken twice, and leave nothing behind", async () => {
  const { before } = await migrate(`${requests} CREATE TABLE other (id integer)`, "");
  await keepDigests(database, before);
  const kept = () => database.query("SELECT FROM pg_namespace WHERE nspname = 'updater_rehearsal'");
  expect((await kept()).rowCount).toBe(1);
  await dropDigests(database);
  await dropDigests(database);
  expect((await kept()).rowCount).toBe(0);
});

test("nobody but the superuser can read the notes", async () => {
  await migrate(requests, `CREATE ROLE application_${number}`);
  await database.query(`SET ROLE application_${number}`);
  await expect(database.query("TABLE updater_rehearsal.t1")).rejects.toThrow(
    "permission denied for schema updater_rehearsal",
  );
});
