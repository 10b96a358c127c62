import { expect, test } from "vitest";
import type { JobHistory } from "../../../src/jobs/job-history.ts";
import { isUnwell, overviewOf } from "../../../src/jobs/overview.ts";
import { book, only, run } from "../../support/jobs-sample.ts";

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
