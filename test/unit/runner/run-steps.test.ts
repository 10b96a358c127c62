import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { UpdaterError } from "../../../src/errors.ts";
import { timeLimit } from "../../../src/lib/time-limit.ts";
import { runSteps, unwind } from "../../../src/runner/run-steps.ts";
import { noJournal } from "../../../src/runner/step-journal.ts";
import type { Step, StepContext } from "../../../src/runner/step.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const context: StepContext = {
  instance: { reporter: { event: () => undefined } },
  hold: { signal: new AbortController().signal },
  journal: noJournal,
  cutOff: () => Promise.resolve(),
};
const forEver = new Promise<never>(() => undefined);

test("an undo that does not end is given up, and told by its step and its limit", async () => {
  const step: Step<StepContext> = {
    name: "clone-database",
    apply: () => Promise.resolve(),
    undo: async () => await forEver,
  };
  const unwound = unwind([step], context, new Error("the first"));

  await vi.advanceTimersByTimeAsync(5 * 60_000);

  expect(await unwound).toMatchObject({
    kind: "needs-human",
    undoError: { code: "undoTooLong", parameters: { step: "clone-database", seconds: 300 } },
  });
});

test("what its time limit has ended is not told as interrupted by a person", async () => {
  const step: Step<StepContext> = {
    name: "resume-previous",
    apply: async (_, signal) => {
      await new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
    },
  };
  const limit = timeLimit(1_000, () => new UpdaterError("returnTooLong", { minutes: 10 }));
  const run = runSteps([step], context, limit);

  await vi.advanceTimersByTimeAsync(1_000);

  expect((await run).outcome).toMatchObject({ kind: "restored", error: { code: "returnTooLong" } });
});
