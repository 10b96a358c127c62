import { expect, test } from "vitest";
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
