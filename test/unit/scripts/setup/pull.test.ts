import { afterAll, beforeAll, expect, test } from "vitest";
import { pull } from "../../../../scripts/setup/pull.mjs";
import { startBadEngine } from "../../../support/bad-engine.ts";

let engine: Awaited<ReturnType<typeof startBadEngine>>;
beforeAll(async () => void (engine = await startBadEngine()));
afterAll(() => engine.stop());

// A machine that is busy answers a first request in a tenth of a second or two.
const deadlines = { untilAnswer: 500, untilNextWord: 5000 };

test.each([
  ["absent:1", "no such host"],
  ["broken:1", "x509: unknown authority"],
  ["silent:1", "aborted"],
])("pulling %s fails at once: %s", async (image, reason) => {
  await expect(pull(engine.endpoint, image, deadlines)).rejects.toMatchObject({
    key: "engineSaid",
    facts: { reason: expect.stringContaining(reason) as string },
  });
});

test("a slow registry that works is waited for", async () => {
  await expect(pull(engine.endpoint, "slow:1", deadlines)).resolves.toBeUndefined();
});
