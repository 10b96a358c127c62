import { z } from "zod";
import type { JobKind } from "../config/schema-maintenance.ts";
import type { EndedRun } from "../jobs/job-history.ts";
import type { ScheduledSwap } from "../scheduled/scheduled-swaps.ts";

/** A key of a result, of the type that the program has for it, and what docs/json.md says of it. */
export const key = <Type>(text = "") => z.custom<Type>().describe(text);
export const text = (description = "") => z.string().describe(description);

export const jobsRun = {
  id: text("for `updater jobs log`"),
  kind: key<JobKind>("of the schedule: `quarter_hourly`, `hourly`, `daily`, `weekly`"),
  due: key<string | null>("when it was due; null: asked for by hand"),
  startedAt: text(),
  finishedAt: text(),
  generation: z.number(),
  tag: text(),
  outcome: key<EndedRun["outcome"]>("`done`, `crashed`, `timed-out`, `cut-short`"),
  error: key<string | null>("of the run as a whole, or null"),
  jobs: key<EndedRun["jobs"]>("each job: `name`, `milliseconds`, `error`"),
};
export const told = {
  announcement: key<{ text: string; from: string; until: string | null } | null>(
    "the banner: `text`, `from`, `until`; or null",
  ),
  whatsNew: key<{ version: string; until: string } | null>(
    "the box with what is new: `version`, `until`; or null",
  ),
};
export interface HalfHour {
  readonly day: string | undefined;
  readonly from: string;
  readonly until: string;
  readonly requests: number | null;
}
export const scheduledSwap = {
  id: text("for `updater scheduled cancel`"),
  tag: text("it leads to"),
  choice: text("as it was typed after `updater swap`"),
  override: key<readonly string[]>("names of guardrails"),
  at: text("its moment"),
  rehearseAt: text("when it is rehearsed"),
  askedAt: text(),
  by: text("who asked for it"),
  state: key<ScheduledSwap["state"]>(
    "`waiting`, `rehearsing`, `rehearsed`, `swapping`, `done`, `not-ready`, `failed`, `missed`, `cancelled`",
  ),
  since: text("when it came to this state"),
  exitCode: key<number | null>("of the swap, or of a rehearsal that ended it; null: not yet"),
  said: key<string | null>("the last words of that command, or what it waits for"),
  undelivered: key<readonly string[] | null>(
    "why reports of its end could not be delivered; null: they are still to come",
  ),
};
