import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Event } from "../../../src/instance/events.ts";
import { awaitQuiet, untilQuiet } from "../../../src/steps/await-quiet.ts";

const told: Event[] = [];
const reporter = { event: (event: Event) => void told.push(event) };
const { signal } = new AbortController();
/** Milliseconds: a hold that is foreseen for a free machine, and what users may wait. */
const times = { expectedMs: 8_000, limitMs: 24_000 };

/** Answers one after the other, the last again and again. */
function measuring(...stretches: readonly number[]) {
  let looks = 0;
  return vi.fn<() => Promise<number>>(
    async () => stretches[Math.min(looks++, stretches.length - 1)]!,
  );
}

beforeEach(() => {
  told.length = 0;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
});
afterEach(() => vi.useRealTimers());

test("a machine that is busy, and not too much for a short hold, is not waited for", async () => {
  const measure = measuring(2.5);
  await untilQuiet(reporter, measure, times, signal);
  expect(measure).toHaveBeenCalledTimes(1);
  expect(told).toEqual([]);
});

test("where users would wait for longer than they may, a quieter moment is waited for, and told what for", async () => {
  const waited = untilQuiet(reporter, measuring(4.5, 4, 1.2), times, signal);
  await vi.advanceTimersByTimeAsync(20_000);
  await waited;
  expect(told).toEqual([
    {
      type: "waiting",
      for: expect.objectContaining({
        kind: "processors",
        stretch: 4.5,
        expectedMs: 36_000,
        limitMs: 24_000,
      }),
    },
    { type: "waited", milliseconds: 10_000 },
  ]);
});

test("one that stays busy is given up in the end, before users wait", async () => {
  vi.useRealTimers();
  const patience = { limitMs: 60, intervalMs: 10 };
  const waited = untilQuiet(reporter, measuring(4.5), times, signal, patience);
  await expect(waited).rejects.toMatchObject({
    code: "tooBusy",
    parameters: { stretch: 4.5, expectedMs: 36_000, limitMs: 24_000, minutes: 0.001 },
  });
});

test("Ctrl-C ends the waiting", async () => {
  const controller = new AbortController();
  const waited = untilQuiet(reporter, measuring(4.5), times, controller.signal);
  await vi.advanceTimersByTimeAsync(7_000);
  controller.abort(new Error("Ctrl-C"));
  await expect(waited).rejects.toThrow("Ctrl-C");
});

test.each([
  ["what no quiet would make short enough", 30_000, 4.5],
  ["what cannot be measured", 8_000, NaN],
  ["a machine that is free, however near the limit the hold comes", 23_900, 1.05],
])("%s is not waited for", async (_, expectedMs, stretch) => {
  await untilQuiet(reporter, measuring(stretch), { ...times, expectedMs }, signal);
  expect(told).toEqual([]);
});

test("without a rehearsal nothing is measured", async () => {
  const context = { expectedHoldMs: undefined } as Parameters<typeof awaitQuiet.apply>[0];
  await expect(awaitQuiet.apply(context, signal)).resolves.toBeUndefined();
});
