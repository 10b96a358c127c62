import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Event } from "../../../src/instance/events.ts";
import { closeGate } from "../../../src/steps/close-gate.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("a drain that lasts tells how many requests are not answered", async () => {
  const told: Event[] = [];
  const answers = ["7 0", "7 0", "2 0", "0 3"];
  const proxy = {
    run: async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      return answers.shift() ?? "";
    },
  };
  const context = {
    instance: {
      reporter: { event: (event: Event) => void told.push(event) },
      configuration: { hold: { drainMs: 10_000 } },
    },
    control: { shell: { run: () => Promise.resolve("") } },
    sessions: { proxy: () => Promise.resolve(proxy) },
    hold: { start: () => undefined },
    serving: { slot: 1 },
  } as unknown as Parameters<typeof closeGate.apply>[0];

  const closed = closeGate.apply(context, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(10_000);
  await closed;

  expect(told).toEqual([
    { type: "waiting", for: { kind: "requests", count: 7, since: expect.any(String) } },
    { type: "waited", milliseconds: expect.any(Number) },
  ]);
});
