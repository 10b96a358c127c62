import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { sqlForSite } from "../../../src/backup/plain-sql.ts";
import { runs } from "../../support/hostile-input.ts";

const leftOut = () => ({ roles: new Set<string>(), settings: new Set<string>() });

const end = "-- PostgreSQL database dump complete\n";
const breaksOff = () => new Error("it breaks off");

/** SQL as it goes into a site's database, without the end that it is given here. */
async function through(sql: string, noted = leftOut()): Promise<string> {
  const whole = Readable.from([Buffer.from(sql + end)]);
  const read = (await buffer(sqlForSite(whole, noted, breaksOff))).toString();
  expect(read.endsWith(end)).toBe(true);
  return read.slice(0, -end.length);
}

for (const statement of [
  "ALTER TABLE public.dem_demande OWNER TO instance_user;",
  'ALTER TABLE public."a b" OWNER TO "Un Autre";',
  "ALTER FUNCTION public.f(integer, text) OWNER TO postgres;",
  "GRANT SELECT ON TABLE public.dem_demande TO bi;",
  "REVOKE ALL ON SCHEMA public FROM PUBLIC;",
  "ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT SELECT ON TABLES TO bi;",
  "CREATE DATABASE gmao WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE = 'fr_FR.UTF-8';",
  "ALTER DATABASE gmao SET \"TimeZone\" TO 'Europe/Paris';",
  "ALTER ROLE instance_user IN DATABASE gmao SET search_path TO 'public';",
  "COMMENT ON EXTENSION plpgsql IS 'PL/pgSQL procedural language';",
  "COMMENT ON DATABASE gmao IS 'de 2015;\nGRANT tout TO tous;\n';",
  String.raw`\connect gmao`,
  "CREATE PUBLICATION veille FOR ALL TABLES WITH (publish = 'insert');",
  "ALTER SUBSCRIPTION veille ENABLE;",
  "SET transaction_timeout = 0;",
  "SET default_with_oids = false;",
  "SET default_tablespace = ssd;",
]) {
  test(`SQL goes into a site's database without: ${statement.split("\n")[0]}`, async () => {
    expect(await through(`SELECT 1;\n${statement}\nSELECT 2;\n`)).toBe("SELECT 1;\nSELECT 2;\n");
  });
}

const mine = "GRANT ALL ON x TO y;";
for (const [where, sql] of [
  ["a row", `COPY public.t (a) FROM stdin;\n${mine}\n\\.x\n${mine}\n\\.\n`],
  ["a text", `INSERT INTO t VALUES ('c''est:\n${mine}\n');\n`],
  ["a text with backslashes", `INSERT INTO t VALUES (E'l\\'\n${mine}\n\\\\');\n`],
  [
    "a text of an old server",
    `SET standard_conforming_strings = off;\nSELECT 'l\\'\n${mine}\n';\n`,
  ],
  ["a quoted name", `CREATE TABLE "a\n${mine}\n" (b integer);\n`],
  ["a function", `CREATE FUNCTION f() AS $_$\n${mine}\n$$\n${mine}\n$_$;\n`],
  ["a comment", `/* a /* b\n*/\n${mine}\n*/ SELECT 1;\n`],
  ["a statement", `CREATE VIEW v AS\n SELECT a$b$, 1 AS\n${mine.slice(0, -1)}\n;\n`],
  ["a default", `ALTER TABLE ONLY t ALTER COLUMN c SET DEFAULT ' OWNER TO ';\n`],
] as const) {
  test(`what looks like a grant in ${where} goes into a site's database as it is`, async () => {
    expect(await through(sql)).toBe(sql);
  });
}

test("roles and settings that somebody may miss are named", async () => {
  const noted = leftOut();
  const sql = [
    "GRANT SELECT ON TABLE public.t TO bi;",
    'GRANT ALL ON TABLE public.t TO "Veille" WITH GRANT OPTION;',
    "GRANT ALL ON SCHEMA public TO PUBLIC;",
    "ALTER DATABASE gmao SET work_mem TO '64MB';",
  ];
  expect(await through(`${sql.join("\n")}\n`, noted)).toBe("");
  expect(noted).toEqual({
    roles: new Set(["bi", '"Veille"']),
    settings: new Set(["work_mem TO '64MB'"]),
  });
});

test.each([
  ["in its rows", "COPY t FROM stdin;\na\n"],
  ["in its rows, which hold the words of an end", `COPY t FROM stdin;\n${end}`],
  ["in a text, which holds the words of an end", `SELECT '\n${end}`],
  ["between two statements", "CREATE TABLE t ();\n"],
  ["at once", ""],
])("a dump that breaks off %s has no end", async (_, sql) => {
  const read = buffer(sqlForSite(Readable.from([Buffer.from(sql)]), leftOut(), breaksOff));
  await expect(read).rejects.toThrow("it breaks off");
});

const content = fc
  .array(fc.constantFrom(mine, "\n", "\r\n", "--", "/*", "é", "$$", "$a$", ";", '"', "x"))
  .map((parts) => parts.join(""));
const statement = fc.oneof(
  content.map((text) => `SELECT '${text}';\n`),
  content.map((text) => `SELECT E'\\'${text}';\n`),
  content.map((text) => `SELECT "${text.replaceAll('"', '""')}";\n`),
  content.map((text) => `DO $b$${text}$b$;\n`),
  content.map((text) => `COPY t FROM stdin;\n${text.replaceAll("\r", "")}\n\\.\n`),
  content.map((text) => `-- ${text.replaceAll(/[\r\n]/g, "")}\n`),
);

test("whatever is in a dump, in whatever pieces it is read, all else stays as it is", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(statement), fc.integer({ min: 1, max: 9 }), async (kept, size) => {
      const sql = Buffer.from(kept.map((one) => `${one}${mine}\n`).join("") + end);
      const pieces = Array.from({ length: Math.ceil(sql.length / size) }, (_, index) =>
        sql.subarray(index * size, (index + 1) * size),
      );
      const read = await buffer(sqlForSite(Readable.from(pieces), leftOut(), breaksOff));
      expect(read.toString()).toBe(kept.join("") + end);
    }),
    runs,
  );
});
