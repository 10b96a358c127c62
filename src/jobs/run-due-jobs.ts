import type { Instance } from "../instance/instance.ts";
import { type EndedRun, readJobs, writeJobs } from "./job-history.ts";
import { jobEnded } from "./container.ts";
import { findInstance } from "../instance/read-instance.ts";
import { runJob } from "./run-job.ts";
import { begin, nextRuns } from "./schedule.ts";
import { reconcileRun } from "./reconcile-run.ts";

/** Milliseconds until what is hindered is tried again. */
const retryMs = 3_000;
/** Milliseconds after which the configuration is read again, at the latest. */
const longestWaitMs = 60_000;

export interface Watch {
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly ran: (run: EndedRun) => void;
}

/**
 * Runs what is due, one after the other, the longest due first.
 * @returns milliseconds until there may be something to do again
 */
export async function runDueJobs(instance: Instance, watch: Watch): Promise<number> {
  const { engine, name, configuration } = instance;
  const { jobs } = configuration;
  const { now, signal, ran } = watch;
  const view = await findInstance(engine, name);
  if (!view || !jobs.enabled) return longestWaitMs;
  const { proxyImage } = view.state;
  for (;;) {
    signal.throwIfAborted();
    const holder = await reconcileRun(instance, proxyImage);
    if (holder.by === "job") {
      if (holder.status !== "running") return retryMs;
      await jobEnded(instance, holder.id, holder.run.kind, signal);
      continue;
    }
    const book = await readJobs(instance);
    if (begin(jobs, book, now())) {
      await writeJobs(instance, proxyImage, (found) => begin(jobs, found, now()) ?? found);
      continue;
    }
    const [first] = nextRuns(jobs, book.seenTo, now());
    const left = first === undefined ? longestWaitMs : Date.parse(first.due) - now().getTime();
    if (first === undefined || left > 0) return Math.min(left, longestWaitMs);
    const result = await runJob(instance, first, { now, leave: signal, cancel: signal });
    if ("by" in result) {
      if (result.by === "job") continue;
      return retryMs;
    }
    ran(result);
  }
}
