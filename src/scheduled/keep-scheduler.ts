import type { Instance } from "../instance/instance.ts";
import { needsScheduler, readScheduled } from "./scheduled-swaps.ts";
import {
  schedulerLives,
  startScheduler,
  stopScheduler,
} from "../supervision/scheduler-container.ts";
import { asUpdaterError } from "../runner/known-error.ts";

/** Whether there is something for it to do: jobs, or a swap that waits. */
export async function wantsScheduler(instance: Instance): Promise<boolean> {
  return (
    instance.configuration.jobs.enabled || (await readScheduled(instance)).some(needsScheduler)
  );
}

/** After an operation: the scheduler is there where the site wants one. Nothing that was done depends on it. */
export async function keepScheduler(instance: Instance): Promise<void> {
  try {
    if (!(await wantsScheduler(instance))) await stopScheduler(instance);
    else if (!(await schedulerLives(instance))) await startScheduler(instance);
  } catch (error) {
    instance.reporter.event({ type: "warning", error: asUpdaterError(error) });
  }
}
