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
      const next = cron.nextRun(sinceOf(seenTo[kind], now));
      return next === null ? [] : [{ kind, due: next.toISOString() }];
    })
    .sort((one, other) => one.due.localeCompare(other.due));
}

/** What a clock may be set back by: a little less, and what is due then would be run twice. */
const setBackMs = 60 * 60_000;

/** Up to when a schedule has been seen to; as if it were now where a clock that was wrong has written a later moment. */
function sinceOf(seen: string | undefined, now: Date): Date {
  const since = seen === undefined ? now : new Date(seen);
  return since.getTime() > now.getTime() + setBackMs ? now : since;
}

/**
 * Where each schedule begins that has never been seen to, or was by a wrong clock; one that is off begins anew when it is
 * on again.
 */
export function begin(jobs: Jobs, book: JobHistory, now: Date): JobHistory | undefined {
  const on = jobKinds.filter((kind) => jobs.schedule[kind] !== undefined);
  const seenTo = on.map((kind) => [kind, sinceOf(book.seenTo[kind], now).toISOString()] as const);
  const same = seenTo.every(([kind, since]) => book.seenTo[kind] === since);
  if (same && seenTo.length === Object.keys(book.seenTo).length) return undefined;
  return { ...book, seenTo: Object.fromEntries(seenTo) };
}
