import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { play } from "../rollback/play.ts";
import { scenarios } from "../rollback/scenario.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";

let postgres: Postgres;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres?.remove();
});

test("of any schema, migration and writes nothing is lost unsaid, and no value is wrong", async () => {
  const property = fc.asyncProperty(scenarios, async (scenario) => {
    expect((await play(postgres, scenario)).problems).toEqual([]);
  });
  const runs = Number(process.env["FOLLOW_RUNS"] ?? 8);
  const seed = Number(process.env["FOLLOW_SEED"] ?? Date.now() % 2 ** 31);
  await fc.assert(property, { numRuns: runs, seed, endOnFailure: true });
}, 3_600_000);
