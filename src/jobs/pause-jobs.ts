import { setTimeout as delay } from "node:timers/promises";
import { UpdaterError } from "../errors.ts";
import { createPause, type Holder, removePause, stopJob } from "./container.ts";
import type { MoveContext } from "../runner/context.ts";
import { settle } from "./reconcile-run.ts";
import type { Step } from "../runner/step.ts";

/** Milliseconds between two looks at a job that runs. */
const interval = 200;

/** How long a rollback waits for a job on the version that is left, milliseconds. */
const rollbackPatience = 60_000;

/**
 * Lets a job that runs come to its end, and none begin until users are switched or all is undone. A swap gives up
 * in the end; a rollback ends the job: it is the version that is to be left.
 */
const pauseJobs: Step<MoveContext> = {
  name: "pause-jobs",

  async apply({ instance, state, operation }, signal) {
    const { wait } = instance.configuration.jobs;
    const limit = operation === "rollback" ? Math.min(wait, rollbackPatience) : wait;
    const deadline = performance.now() + limit;
    let told = false;
    while (!(await createPause(instance, state.proxyImage))) {
      const holder = await settle(instance, state.proxyImage);
      // Of this operation, before its updater was killed; nobody else has the lock.
      if (holder.by === "operation") return;
      if (holder.by === "nobody") continue;
      if (!told) instance.reporter.event({ type: "warning", error: awaited(holder, limit) });
      told = true;
      if (performance.now() > deadline) {
        if (operation !== "rollback") throw new UpdaterError("jobStillRuns", holder.run);
        await stopJob(instance.engine, holder.id);
        continue;
      }
      await delay(interval, undefined, { signal });
    }
  },

  async undo({ instance }) {
    await removePause(instance);
  },
};

const resumeJobs: Step<MoveContext> = {
  name: "resume-jobs",
  async apply({ instance }) {
    await removePause(instance);
  },
};

function awaited({ run }: Holder & { readonly by: "job" }, limit: number): UpdaterError {
  return new UpdaterError("jobAwaited", { kind: run.kind, seconds: limit / 1000 });
}

/** The two steps around a hold, where a site lets the updater run its jobs. */
export function jobSteps({ instance }: Pick<MoveContext, "instance">): {
  readonly pause: readonly Step<MoveContext>[];
  readonly resume: readonly Step<MoveContext>[];
} {
  const { enabled } = instance.configuration.jobs;
  return enabled ? { pause: [pauseJobs], resume: [resumeJobs] } : { pause: [], resume: [] };
}
