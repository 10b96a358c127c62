import { expect, test } from "vitest";
import { valueOf } from "../../src/postgres/connect.ts";
import { flushedPosition } from "../../src/postgres/replication.ts";
import { usePostgres } from "../support/databases.ts";
import { followedPair } from "../support/followed.ts";

const postgres = usePostgres();

/** Some 13,000 bytes that do not get shorter: kept out of the row, and not sent again with it. */
const long = "(SELECT string_agg(md5(i::text), '') FROM generate_series(1, 400) i)";

test("a long value that came with a row that was refused is there once the row is not any more", async () => {
  const pair = await followedPair(
    postgres(),
    `CREATE TABLE t (id integer PRIMARY KEY, body varchar(20000), code text NOT NULL);
     INSERT INTO t VALUES (1, 'short', 'a')`,
    "ALTER TABLE t ALTER body TYPE text, ALTER code DROP NOT NULL",
  );
  await pair.serving.query(`UPDATE t SET body = ${long}, code = NULL WHERE id = 1`);
  await pair.serving.query("UPDATE t SET code = 'z' WHERE id = 1");
  expect(await pair.rollback()).toEqual([]);
  const { rows } = await pair.previous.query(`SELECT body = ${long} AS same, code FROM t`);
  expect(rows).toEqual([{ same: true, code: "z" }]);
});

test("what users were told is written is before the position that a copy must have reached, also where nobody waits for the disk", async () => {
  const control = await postgres().connect("postgres");
  // Nothing else takes it there meanwhile.
  await control.query("ALTER SYSTEM SET wal_writer_delay = '10s'");
  await control.query("SELECT pg_reload_conf()");
  const made = await postgres().create("hasty");
  await made.query("CREATE TABLE t (id integer)");
  await made.query("ALTER DATABASE hasty SET synchronous_commit = off");
  const [application, updater] = [
    await postgres().connect("hasty"),
    await postgres().connect("hasty"),
  ];
  await application.query("SET synchronous_commit = off");
  for (let round = 0; round < 5; round++) {
    await application.query("INSERT INTO t VALUES (1)");
    const written = await valueOf<string>(application, "SELECT pg_current_wal_insert_lsn()");
    const position = await flushedPosition(updater);
    const reached = "SELECT $1::pg_lsn >= $2::pg_lsn";
    expect(await valueOf(control, reached, [position, written])).toBe(true);
  }
});
