import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Event } from "../../../src/instance/events.ts";
import { tellWaiting, waitTelling } from "../../../src/instance/waiting.ts";
import type { Wait } from "../../../src/text/catalogue.ts";

const told: Event[] = [];
const reporter = { event: (event: Event) => void told.push(event) };
const since = "2026-11-22T21:30:00.000Z";
const session = (pid: number): Wait => {
  return { kind: "session", since, container: "g1-db", pid, who: "biomaid", statement: "…" };
};

beforeEach(() => {
  told.length = 0;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
});
afterEach(() => vi.useRealTimers());

test("what ends within two seconds tells nothing", async () => {
  const work = Promise.withResolvers<string>();
  const waited = tellWaiting(reporter, () => session(1), work.promise);
  await vi.advanceTimersByTimeAsync(1_900);
  work.resolve("done");
  expect(await waited).toBe("done");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(told).toEqual([]);
});

test("what lasts tells what for, once for each that is in the way, and at last for how long", async () => {
  const work = Promise.withResolvers<void>();
  let pid = 1;
  const waited = tellWaiting(reporter, () => session(pid), work.promise);
  await vi.advanceTimersByTimeAsync(5_000);
  pid = 2;
  await vi.advanceTimersByTimeAsync(5_000);
  work.resolve();
  await waited;
  expect(told).toEqual([
    { type: "waiting", for: session(1) },
    { type: "waiting", for: session(2) },
    { type: "waited", milliseconds: 10_000 },
  ]);
});

test("what cannot be looked at is waited for all the same, and looked at again", async () => {
  const work = Promise.withResolvers<void>();
  let looks = 0;
  const look = () => {
    looks += 1;
    if (looks === 1) throw new Error("the database does not let anybody in");
    return session(1);
  };
  const waited = tellWaiting(reporter, look, work.promise);
  await vi.advanceTimersByTimeAsync(4_500);
  work.resolve();
  await waited;
  expect(told[0]).toEqual({ type: "waiting", for: session(1) });
});

test("a queue that becomes shorter is told once", async () => {
  const work = Promise.withResolvers<void>();
  const waited = waitTelling(reporter, async (found) => {
    found({ kind: "requests", since, count: 7 });
    setTimeout(() => found({ kind: "requests", since, count: 6 }), 3_000);
    await work.promise;
  });
  await vi.advanceTimersByTimeAsync(9_000);
  work.resolve();
  await waited;
  expect(told).toEqual([
    { type: "waiting", for: { kind: "requests", since, count: 7 } },
    { type: "waited", milliseconds: 9_000 },
  ]);
});
