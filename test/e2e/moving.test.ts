import { afterAll, beforeAll, expect, test } from "vitest";
import { moveFaults, startMoving } from "../faults/moves.ts";

let place: Awaited<ReturnType<typeof startMoving>>;
beforeAll(async () => {
  place = await startMoving("e2e-moving");
});
afterAll(async () => {
  await place?.remove();
});

/** Some of the faults of the matrix (`npm run test:faults`), in an order that leads in and back out again. */
test.each([
  "adopt --switch, killed at step-finished:copy-database",
  "adopt --switch, killed at step-finished:move-database",
  "adopt --switch, killed at step-finished:commit",
  "rollback, killed at step-finished:return-writes",
  "rollback, killed at step-finished:commit",
])("a site moves in and back out, and users notice nothing: %s", async (name) => {
  const fault = moveFaults.find((one) => one.name === name);
  expect(await fault?.run(place)).toEqual([]);
});
