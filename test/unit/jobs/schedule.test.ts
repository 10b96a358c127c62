import { expect, test } from "vitest";
import type { EndedRun, JobHistory } from "../../../src/jobs/job-history.ts";
import { isUnwell, overviewOf } from "../../../src/jobs/overview.ts";
import { begin, nextRuns } from "../../../src/jobs/schedule.ts";
import { withoutBegun } from "../../../src/jobs/reconcile-run.ts";

const jobs = {
  enabled: true,
  timeZone: "Europe/Paris",
  schedule: {
    quarter_hourly: "*/15 * * * *",
    hourly: "7 * * * *",
    daily: "11 2 * * *",
    weekly: "11 3 * * 1",
  },
  timeLimitMs: 3_600_000,
  waitMs: 600_000,
} as const;

const only = (kind: keyof typeof jobs.schedule, fields = jobs.schedule[kind]) => ({
  ...jobs,
  schedule: {
    quarter_hourly: undefined,
    hourly: undefined,
    daily: undefined,
    weekly: undefined,
    [kind]: fields,
  },
});

const book: JobHistory = { version: 1, instance: "x", seenTo: {}, running: null, runs: [] };

const run = (outcome: EndedRun["outcome"]): EndedRun => ({
  id: "5f0f2c66-6d0f-4f39-9d1c-3c2f0a7f8f10",
  kind: "daily",
  due: null,
  startedAt: "2026-11-23T01:11:00.000Z",
  finishedAt: "2026-11-23T01:12:00.000Z",
  generation: 1,
  tag: "0.8.0",
  outcome,
  error: null,
  jobs: [],
});

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

test("a schedule begins when it is first seen, and anew after it was off", () => {
  const now = new Date("2026-11-23T08:30:00Z");
  const first = begin(jobs, book, now);
  expect(first?.seenTo.daily).toBe(now.toISOString());
  expect(first && begin(jobs, first, new Date("2026-11-24T08:30:00Z"))).toBeUndefined();
  expect(first && begin(only("hourly"), first, now)?.seenTo).toEqual({ hourly: now.toISOString() });
});

test("a run that was written down and never started is as due as before", () => {
  const { finishedAt: _, outcome: __, error: ___, jobs: ____, ...begun } = run("done");
  const running = { ...begun, due: "2026-11-23T01:11:00.000Z" };
  const left = { ...book, running, seenTo: { daily: "2026-11-23T01:11:05.000Z" } };
  const { running: none, seenTo } = withoutBegun(left, begun.id);
  expect(none).toBeNull();
  expect(nextRuns(only("daily"), seenTo, new Date())).toEqual([
    { kind: "daily", due: running.due },
  ]);
});

test("somebody should look when a job failed, is late, or nothing runs them", () => {
  const daily = { configuration: { jobs: only("daily") } } as Parameters<typeof overviewOf>[0];
  const seen = { ...book, seenTo: { daily: "2026-11-23T01:11:00.000Z" } };
  const soon = new Date("2026-11-24T01:20:00Z");
  const late = new Date("2026-11-24T01:30:00Z");
  const unwell = (found: JobHistory, lives: boolean, now: Date) =>
    isUnwell(overviewOf(daily, found, lives, now));

  expect(unwell({ ...seen, runs: [run("crashed"), run("done")] }, true, soon)).toBe(false);
  expect(unwell({ ...seen, runs: [run("done"), run("crashed")] }, true, soon)).toBe(true);
  expect(unwell(seen, false, soon)).toBe(true);
  expect(unwell(seen, true, late)).toBe(true);
});
