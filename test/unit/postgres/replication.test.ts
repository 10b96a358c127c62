import { expect, test } from "vitest";
import type { Database } from "../../../src/postgres/connect.ts";
import { pauseReplay, promote } from "../../../src/postgres/replication.ts";

const { signal } = new AbortController();

/** A database that answers each question with the same rows. */
function answering(...rows: readonly unknown[][]): Database {
  return { query: async () => ({ rows, rowCount: rows.length }) } as unknown as Database;
}

test("a standby whose replay never rests is told as such, and blames no table", async () => {
  const standby = answering();
  const paused = pauseReplay(standby, { primary: standby, limitMs: 60, signal });
  await expect(paused).rejects.toMatchObject({
    code: "replayGoesOn",
    parameters: { seconds: 0.06 },
  });
});

test("a standby that does not become a primary in time is no database of its own", async () => {
  await expect(promote(answering([false]))).rejects.toMatchObject({ code: "notPromoted" });
  await expect(promote(answering([true]))).resolves.toBeUndefined();
});
