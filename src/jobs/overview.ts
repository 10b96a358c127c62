import { type JobKind, jobKinds } from "../config/schema-maintenance.ts";
import type { Instance } from "../instance/instance.ts";
import { type EndedRun, type JobHistory, type JobRun, readJobs } from "./job-history.ts";
import { schedulerLives } from "../supervision/scheduler-container.ts";
import { type Due, nextRuns } from "./schedule.ts";

/** How long a job may be due before something is wrong, milliseconds: others run, a swap waits. */
const lateAfterMs = 15 * 60_000;

/** What an instance's jobs did, and will do. */
export interface JobsOverview {
  /** Whether the scheduler runs. */
  readonly lives: boolean;
  readonly schedules: readonly {
    readonly kind: JobKind;
    /** Null: it is off. */
    readonly next: string | null;
    readonly late: boolean;
    readonly last: EndedRun | null;
  }[];
  readonly running: JobRun | null;
  readonly next: Due | undefined;
  /** Last runs that did not end well, of schedules that are on. */
  readonly failed: readonly EndedRun[];
  readonly late: readonly JobKind[];
}

/** @throws UpdaterError `jobBookDamaged` */
export async function overviewOfJobs(instance: Instance, now: Date): Promise<JobsOverview> {
  const book = await readJobs(instance);
  return overviewOf(instance, book, await schedulerLives(instance), now);
}

export function overviewOf(
  { configuration }: Pick<Instance, "configuration">,
  { seenTo, running, runs }: JobHistory,
  lives: boolean,
  now: Date,
): JobsOverview {
  const next = nextRuns(configuration.jobs, seenTo, now);
  const schedules = jobKinds.map((kind) => {
    const due = next.find((one) => one.kind === kind)?.due ?? null;
    const last = runs.findLast((run) => run.kind === kind) ?? null;
    const waiting = due === null || running ? 0 : now.getTime() - Date.parse(due);
    return { kind, next: due, late: waiting > lateAfterMs, last };
  });
  return {
    lives,
    schedules,
    running,
    next: next[0],
    failed: schedules.flatMap(({ next: due, last }) =>
      due !== null && last && last.outcome !== "done" ? [last] : [],
    ),
    late: schedules.filter(({ late }) => late).map(({ kind }) => kind),
  };
}

/** Whether the operator should look. */
export function isUnwell({ lives, failed, late }: JobsOverview): boolean {
  return !lives || failed.length + late.length > 0;
}
