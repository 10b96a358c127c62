import type { Instance } from "../instance/instance.ts";
import { needsScheduler, readScheduled } from "./scheduled-swaps.ts";
import {
  schedulerLives,
  startScheduler,
  stopScheduler,
} from "../supervision/scheduler-container.ts";
import { asUpdaterError } from "../runner/known-error.ts";

/** After an operation: the scheduler is there where the site wants one. Nothing that was done depends on it. */
export async function keepScheduler(instance: Instance): Promise<void> {
  try {
    const swaps = await readScheduled(instance);
    const wanted = instance.configuration.jobs.enabled || swaps.some(needsScheduler);
    if (!wanted) await stopScheduler(instance);
    else if (!(await schedulerLives(instance))) await startScheduler(instance);
  } catch (error) {
    instance.reporter.event({ type: "warning", error: asUpdaterError(error) });
  }
}
