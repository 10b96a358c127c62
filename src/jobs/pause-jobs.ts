import { UpdaterError } from "../errors.ts";
import { until } from "../lib/until.ts";
import { createPause, removePause, stopJob } from "./container.ts";
import type { OperationContext } from "../runner/context.ts";
import { reconcileRun } from "./reconcile-run.ts";
import type { Step } from "../runner/step.ts";

/** Between two looks at a job that runs. */
const intervalMs = 200;

/** How long a rollback waits for a job on the version that is left, and until one is gone that it ended. */
const rollbackLimitMs = 60_000;
const endLimitMs = 60_000;

/**
 * Lets a job that runs come to its end, and none begin until users are switched or all is undone. A swap gives up
 * in the end; a rollback ends the job: it is the version that is to be left.
 */
const pauseJobs: Step<
  Pick<OperationContext, "instance" | "state" | "operation">,
  Pick<OperationContext, "instance">
> = {
  name: "pause-jobs",

  async apply({ instance, state, operation }, signal) {
    const { waitMs } = instance.configuration.jobs;
    const { proxyImage } = state.current;
    const limitMs = operation === "rollback" ? Math.min(waitMs, rollbackLimitMs) : waitMs;
    const seconds = limitMs / 1000;
    let awaited: { readonly kind: string; readonly since: string } | undefined;
    let overdue = false;
    const paused = async () => {
      if (await createPause(instance, proxyImage)) return true;
      const holder = await reconcileRun(instance, proxyImage);
      // Of this operation, before its updater was killed; no other operation has the lock.
      if (holder.by === "operation") return true;
      if (holder.by === "none") return false;
      if (awaited?.since !== holder.since) {
        const { kind } = holder.run;
        const error = new UpdaterError("jobAwaited", { kind, since: holder.since, seconds });
        instance.reporter.event({ type: "warning", error });
      }
      awaited = { kind: holder.run.kind, since: holder.since };
      // It is the version that is to be left.
      if (overdue && operation === "rollback") await stopJob(instance.engine, holder.id);
      return false;
    };
    const stillRuns = () => {
      const { kind, since } = awaited ?? { kind: "?", since: new Date().toISOString() };
      throw new UpdaterError("jobStillRuns", { kind, since, seconds });
    };
    const otherwise = () => {
      overdue = true;
      if (operation !== "rollback") stillRuns();
    };
    await until(paused, { intervalMs, limitMs, otherwise, signal });
    if (!overdue) return;
    await until(paused, { intervalMs, limitMs: endLimitMs, otherwise: stillRuns, signal });
  },

  async undo({ instance }) {
    await removePause(instance);
  },
};

const resumeJobs: Step<Pick<OperationContext, "instance">> = {
  name: "resume-jobs",
  async apply({ instance }) {
    await removePause(instance);
  },
};

/** The two steps around a hold, where a site lets the updater run its jobs. */
export function jobSteps({ instance }: Pick<OperationContext, "instance">) {
  const { enabled } = instance.configuration.jobs;
  return enabled ? { pause: [pauseJobs], resume: [resumeJobs] } : { pause: [], resume: [] };
}
