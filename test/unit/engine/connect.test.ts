import { expect, test } from "vitest";
import { isMissing, unlessGone } from "../../../src/engine/connect.ts";

/** As dockerode throws what the engine answers. */
const answer = (statusCode: number, message: string) =>
  Object.assign(new Error(`(HTTP code ${statusCode}) ${message}`), { statusCode });

test("a container that another process is removing right now is taken for gone", async () => {
  const going = answer(
    409,
    "unexpected - can not get logs from container which is dead or marked for removal ",
  );
  expect(isMissing(going)).toBe(true);
  expect(await unlessGone(Promise.reject(going))).toBeUndefined();
});

test("a name that is taken is a refusal, and no object that is missing", async () => {
  const taken = answer(409, 'Conflict. The container name "/biomaid-a-job" is already in use');
  expect(isMissing(taken)).toBe(false);
  await expect(unlessGone(Promise.reject(taken))).rejects.toBe(taken);
});
