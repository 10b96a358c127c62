import { Cron } from "croner";
import type { Configuration } from "../config/configuration.ts";
import { type JobKind, jobKinds } from "../config/schema-maintenance.ts";
import type { JobHistory } from "./job-history.ts";

type Jobs = Configuration["jobs"];

export interface Due {
  readonly kind: JobKind;
  /** ISO 8601. */
  readonly due: string;
}

/**
 * When each schedule that is not off is next due, the earliest first. One that is past is run once, however
 * often it was missed: what comes after it counts from then.
 * @param now where a schedule that has never been seen to begins
 */
export function nextRuns(jobs: Jobs, seenTo: JobHistory["seenTo"], now: Date): Due[] {
  return jobKinds
    .flatMap((kind) => {
      const fields = jobs.schedule[kind];
      if (fields === undefined) return [];
      const cron = new Cron(fields, { mode: "5-part", timezone: jobs.timeZone });
      const since = seenTo[kind];
      const next = cron.nextRun(since === undefined ? now : new Date(since));
      return next === null ? [] : [{ kind, due: next.toISOString() }];
    })
    .sort((one, other) => one.due.localeCompare(other.due));
}

/** Where each schedule begins that has never been seen to; one that is off begins anew when it is on again. */
export function begin(jobs: Jobs, book: JobHistory, now: Date): JobHistory | undefined {
  const on = jobKinds.filter((kind) => jobs.schedule[kind] !== undefined);
  const changed = jobKinds.some((kind) => on.includes(kind) !== kind in book.seenTo);
  if (!changed) return undefined;
  const seenTo = on.map((kind) => [kind, book.seenTo[kind] ?? now.toISOString()]);
  return { ...book, seenTo: Object.fromEntries(seenTo) as JobHistory["seenTo"] };
}
