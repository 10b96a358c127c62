import type { EndedRun, JobHistory } from "../../src/jobs/job-history.ts";

/** `[jobs]` of a site in Paris, with the schedule of BiomAid's documentation. */
export const jobs = {
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

/** The same site, with one kind of job. */
export const only = (kind: keyof typeof jobs.schedule, fields = jobs.schedule[kind]) => ({
  ...jobs,
  schedule: {
    quarter_hourly: undefined,
    hourly: undefined,
    daily: undefined,
    weekly: undefined,
    [kind]: fields,
  },
});

/** Nothing ran yet. */
export const book: JobHistory = { version: 1, instance: "x", seenTo: {}, running: null, runs: [] };

/** One that has ended. */
export const run = (outcome: EndedRun["outcome"]): EndedRun => ({
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
