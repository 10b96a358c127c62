import { moment, momentIn, seconds } from "./format.ts";

const outcomes = {
  done: "done",
  crashed: "crashed",
  "timed-out": "took too long and was ended",
  "cut-short": "cut short",
};

/** A run of the jobs of one schedule that has ended. */
export interface EndedRun {
  readonly id: string;
  readonly kind: string;
  readonly tag: string;
  readonly generation: number;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly outcome: keyof typeof outcomes;
  readonly error: string | null;
  readonly jobs: readonly { readonly name: string; readonly error: string | null }[];
}

/** Jobs that run, since when, and how long they are waited for. */
interface AwaitedJob {
  readonly kind: string;
  readonly since: string;
  readonly seconds: number;
}

interface Schedule {
  readonly kind: string;
  readonly next: string | null;
  readonly late: boolean;
}

interface JobsOverview {
  readonly lives: boolean;
  readonly failed: readonly Pick<EndedRun, "kind" | "outcome">[];
  readonly late: readonly string[];
  readonly next: { readonly kind: string; readonly due: string } | undefined;
}

/** What failed, job by job. */
const failures = ({ jobs, error }: EndedRun) =>
  [
    ...jobs.flatMap((job) =>
      job.error === null ? [] : [`${job.name}: ${job.error.split("\n")[0]}`],
    ),
    ...(error === null ? [] : [error]),
  ].map((line) => `\n    ${line}`);

const lasted = ({ startedAt, finishedAt }: EndedRun) =>
  seconds(Date.parse(finishedAt) - Date.parse(startedAt));

/** Moments are told by the clock of the site's jobs, which is not always that of the machine. */
export const jobs = {
  outcomes,
  schedule: ({ kind, next, late }: Schedule, timeZone: string) =>
    next === null
      ? `${kind.padEnd(15)} off`
      : `${kind.padEnd(15)} next ${momentIn(timeZone, next)}${late ? ", late" : ""}`,
  last: (run: EndedRun, timeZone: string) =>
    `  last ${momentIn(timeZone, run.startedAt)}, ${outcomes[run.outcome]} in ${lasted(run)}, generation ${run.generation} (${run.tag})  ${run.id}${failures(run).join("")}`,
  running: (
    { kind, startedAt, tag }: Pick<EndedRun, "kind" | "startedAt" | "tag">,
    timeZone: string,
  ) => `Running: ${kind}, since ${momentIn(timeZone, startedAt)}, on ${tag}.`,
  upgraded: "The updater was upgraded: the scheduler begins again in the new version.",
  scheduler: {
    lives: "The scheduler runs.",
    dead: "The scheduler does not run, so no job does. To start it: updater jobs start",
  },
  disabled: "The updater does not run this site's jobs: [jobs] enabled is not set.",
  started: "The scheduler runs, and will after a reboot. When jobs are due: updater jobs",
  stopped:
    "The scheduler is gone. A job that runs goes on to its end (updater jobs cancel ends it).",
  wasStopped: "There was no scheduler.",
  cancelled: (kind: string) => `The ${kind} jobs were told to end.`,
  nothingToCancel: "No job runs.",
  ran: (run: EndedRun) =>
    `${run.kind}: ${outcomes[run.outcome]} in ${lasted(run)}, on ${run.tag}.${failures(run).join("")}${run.outcome === "done" ? "" : "\nWhat it printed: updater jobs log"}`,
  status: ({ lives, failed, late, next }: JobsOverview, timeZone: string) => {
    if (!lives) return `Jobs: ${jobs.scheduler.dead}`;
    const troubles = [
      ...failed.map(({ kind, outcome }) => `${kind} ${outcomes[outcome]}`),
      ...late.map((kind) => `${kind} late`),
    ];
    if (troubles.length > 0) return `Jobs: ${troubles.join(", ")}. To see why: updater jobs`;
    return next === undefined
      ? "Jobs: all are off."
      : `Jobs: all well; next ${next.kind}, ${momentIn(timeZone, next.due)}.`;
  },
  errors: {
    jobBookDamaged: ({ instance }: { instance: string }) => ({
      what: `What is written of the jobs of instance ${instance} cannot be read.`,
      next: `Remove it, and the jobs begin anew: docker run --rm -v biomaid-${instance}-control:/c biomaid-updater/base:12 rm /c/jobs.json`,
    }),
    jobStillRuns: ({ kind, since, seconds: limit }: AwaitedJob) => ({
      what: `The ${kind} jobs, which run since ${moment(since)}, have not ended within ${limit} s.`,
      next: "Try again once they have (updater jobs); to end them: updater jobs cancel. How long a swap waits: jobs.wait.",
    }),
    jobAwaited: ({ kind, since, seconds: limit }: AwaitedJob) => ({
      what: `Waiting until the ${kind} jobs have ended, which run since ${moment(since)}, at most ${limit} s. To end them: updater jobs cancel`,
      next: "updater jobs",
    }),
    jobRuns: ({ kind }: { kind: string }) => ({
      what: `The ${kind} jobs are running, and only one run goes on at a time.`,
      next: "See when they have ended: updater jobs. To end them: updater jobs cancel",
    }),
    jobsPaused: (_: object) => ({
      what: "No job starts now: an operation is about to switch, or nothing is serving.",
      next: "See how far it is (updater status), and try again once it has ended.",
    }),
    jobsDisabled: (_: object) => ({
      what: "The updater does not run this site's jobs.",
      next: "In updater.toml, under [jobs]: enabled = true. Remove the lines in cron that ran them.",
    }),
    jobRunUnknown: ({ run }: { run: string }) => ({
      what: run === "" ? "No job has run yet." : `There is no log of a run ${run}.`,
      next: "See which there are: updater jobs",
    }),
    schedulerImpossible: ({ reason }: { reason: string }) => ({
      what: `The engine cannot keep a scheduler: ${reason}`,
      next: "Where the engine is another machine's, or rootless, a line in cron can run: updater jobs run hourly",
    }),
  },
};
