import type { Instance } from "../instance/instance.ts";
import { findInstance } from "../instance/read-instance.ts";
import { needsScheduler, readScheduled } from "./scheduled-swaps.ts";
import {
  schedulerIsCurrent,
  schedulerLives,
  startScheduler,
  stopScheduler,
} from "../supervision/scheduler-container.ts";
import { asUpdaterError } from "../runner/known-error.ts";

/** Whether there is something for it to do: jobs, or a swap that waits. */
export async function wantsScheduler(instance: Instance): Promise<boolean> {
  if ((await readScheduled(instance)).some(needsScheduler)) return true;
  if (!instance.configuration.jobs.enabled) return false;
  // What was installed by hand has its own lines of cron.
  return !(await findInstance(instance.engine, instance.name))?.serving?.bareMetal;
}

/**
 * After an operation: the scheduler is there where the site wants one. Nothing that was done depends on it.
 * @param again also where one runs already: what it reads is elsewhere now
 */
export async function keepScheduler(instance: Instance, { again = false } = {}): Promise<void> {
  try {
    if (!(await wantsScheduler(instance))) await stopScheduler(instance);
    else if (again || !(await schedulerLives(instance)) || !(await schedulerIsCurrent(instance))) {
      await startScheduler(instance);
    }
  } catch (error) {
    instance.reporter.event({ type: "warning", error: asUpdaterError(error) });
  }
}
