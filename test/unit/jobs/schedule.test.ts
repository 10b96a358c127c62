import { expect, test } from "vitest";
import { begin, nextRuns } from "../../../src/jobs/schedule.ts";
import { book, jobs, only } from "../../support/jobs-sample.ts";

test("jobs are due as in BiomAid's documentation, in the site's time zone", () => {
  // A Monday, 02:00 in Paris.
  const now = new Date("2026-11-23T01:00:00Z");
  expect(nextRuns(jobs, {}, now)).toEqual([
    { kind: "hourly", due: "2026-11-23T01:07:00.000Z" },
    { kind: "daily", due: "2026-11-23T01:11:00.000Z" },
    { kind: "quarter_hourly", due: "2026-11-23T01:15:00.000Z" },
    { kind: "weekly", due: "2026-11-23T02:11:00.000Z" },
  ]);
  const away = { ...jobs, timeZone: "Indian/Reunion" };
  expect(nextRuns(away, {}, now).find(({ kind }) => kind === "daily")?.due).toBe(
    "2026-11-23T22:11:00.000Z",
  );
});

test("what was missed is due once, and the next time counts from when it was run", () => {
  const seenTo = { hourly: "2026-11-20T10:07:03.000Z" };
  const now = new Date("2026-11-23T08:30:00Z");
  const hourly = only("hourly");
  expect(nextRuns(hourly, seenTo, now)).toEqual([
    { kind: "hourly", due: "2026-11-20T11:07:00.000Z" },
  ]);
  expect(nextRuns(hourly, { hourly: now.toISOString() }, now)).toEqual([
    { kind: "hourly", due: "2026-11-23T09:07:00.000Z" },
  ]);
});

test.each([
  [
    "skipped hour",
    "2026-03-28T12:00:00Z",
    ["2026-03-29T01:00:00.000Z", "2026-03-30T00:11:00.000Z"],
  ],
  [
    "hour that comes twice",
    "2026-10-24T12:00:00Z",
    ["2026-10-25T00:11:00.000Z", "2026-10-26T01:11:00.000Z"],
  ],
])("a %s runs the daily jobs once", (_, since, expected) => {
  const daily = only("daily");
  const first = nextRuns(daily, { daily: since }, new Date(since))[0]?.due ?? "";
  const second = nextRuns(daily, { daily: first }, new Date(first))[0]?.due;
  expect([first, second]).toEqual(expected);
});

test("jobs that a clock a month ahead has seen to are due as usual once it is right", () => {
  const now = new Date("2026-11-29T05:00:00Z");
  const ahead = { quarter_hourly: "2026-12-29T05:00:00.000Z", hourly: "2026-12-29T05:00:00.000Z" };
  expect(nextRuns(jobs, ahead, now).slice(0, 2)).toEqual([
    { kind: "hourly", due: "2026-11-29T05:07:00.000Z" },
    { kind: "quarter_hourly", due: "2026-11-29T05:15:00.000Z" },
  ]);
  const seenTo = begin(jobs, { ...book, seenTo: ahead }, now)?.seenTo;
  expect(new Set(Object.values(seenTo ?? {}))).toEqual(new Set([now.toISOString()]));
});

test("a clock that is set back by a minute runs nothing twice", () => {
  const daily = only("daily");
  const seenTo = { daily: "2026-11-29T01:11:00.000Z" };
  const now = new Date("2026-11-29T01:10:30Z");
  expect(nextRuns(daily, seenTo, now)[0]?.due).toBe("2026-11-30T01:11:00.000Z");
});

test("a schedule begins when it is first seen, and anew after it was off", () => {
  const now = new Date("2026-11-23T08:30:00Z");
  const first = begin(jobs, book, now);
  expect(first?.seenTo.daily).toBe(now.toISOString());
  expect(first && begin(jobs, first, new Date("2026-11-24T08:30:00Z"))).toBeUndefined();
  expect(first && begin(only("hourly"), first, now)?.seenTo).toEqual({ hourly: now.toISOString() });
});
