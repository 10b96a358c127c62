import { type JobKind, jobKinds } from "../config/schema-maintenance.ts";
import { exit, UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { readJobLog, readJobs } from "../jobs/job-history.ts";
import { endOfJob, holderOfJobs, stopJob } from "../jobs/container.ts";
import { wantsScheduler } from "../scheduled/keep-scheduler.ts";
import { readInstance } from "../instance/read-instance.ts";
import { refuseBareMetal } from "../instance/serving.ts";
import { overviewOfJobs } from "../jobs/overview.ts";
import { runJob } from "../jobs/run-job.ts";
import { reconcileRun } from "../jobs/reconcile-run.ts";
import { reportStep } from "../instance/events.ts";
import { startScheduler, stopScheduler } from "../supervision/scheduler-container.ts";
import { type Command, openInstance } from "./command.ts";

export const jobsCommand: Command = async (environment) => {
  const { jobs } = environment.catalogue;
  const instance = await openInstance(environment, { recover: false });
  refuseBareMetal(await readInstance(instance.engine, instance.name));
  const { enabled, timeZone } = instance.configuration.jobs;
  const overview = await overviewOfJobs(instance, new Date());
  const { lives, schedules, running } = overview;
  const text = [
    ...schedules.flatMap((schedule) => [
      jobs.schedule(schedule, timeZone),
      ...(schedule.last ? [jobs.last(schedule.last, timeZone)] : []),
    ]),
    ...(running ? [jobs.running(running, timeZone)] : []),
    enabled ? jobs.scheduler[lives ? "lives" : "dead"] : jobs.disabled,
  ];
  const { runs } = await readJobs(instance);
  environment.print(text.join("\n"), {
    type: "jobs",
    enabled,
    scheduler: lives,
    schedules,
    running,
    runs,
  });
};

export const startJobsCommand: Command = async (environment) => {
  const instance = await openInstance(environment, { changes: true });
  refuseBareMetal(await readInstance(instance.engine, instance.name));
  if (!(await wantsScheduler(instance))) throw new UpdaterError("jobsDisabled", {});
  await startScheduler(instance);
  environment.print(environment.catalogue.jobs.started, { type: "jobs-started" });
};

export const stopJobsCommand: Command = async (environment) => {
  const { jobs } = environment.catalogue;
  const instance = await openInstance(environment, { recover: false, changes: true });
  const stopped = await stopScheduler(instance);
  environment.print(stopped ? jobs.stopped : jobs.wasStopped, { type: "jobs-stopped", stopped });
};

export const runJobCommand =
  (kind: string): Command =>
  async (environment) => {
    if (!isKind(kind)) throw new UpdaterError("usage", { kind: "unknownJobs", given: kind });
    const { signal, hangUp, reporter, catalogue } = environment;
    const instance = await openInstance(environment, { changes: true });
    refuseBareMetal(await readInstance(instance.engine, instance.name));
    if (!instance.configuration.jobs.enabled) throw new UpdaterError("jobsDisabled", {});
    // A lost terminal ends nothing.
    const asking = { now: () => new Date(), leave: hangUp, cancel: signal };
    const result = await reportStep(reporter, "run-jobs", async () =>
      runJob(instance, { kind, due: null }, asking),
    );
    if ("by" in result) {
      if (result.by === "job") throw new UpdaterError("jobRuns", result.run);
      throw new UpdaterError("jobsPaused", {});
    }
    const exitCode = result.outcome === "done" ? exit.done : exit.restored;
    environment.print(catalogue.jobs.ran(result), { type: "result", ...result, exitCode });
    return exitCode;
  };

export const cancelJobCommand: Command = async (environment) => {
  const { jobs } = environment.catalogue;
  const instance = await openInstance(environment, { recover: false, changes: true });
  const kind = await cancel(instance);
  environment.print(kind === undefined ? jobs.nothingToCancel : jobs.cancelled(kind), {
    type: "jobs-cancelled",
    kind: kind ?? null,
  });
};

export const jobLogCommand =
  (wanted: string | undefined): Command =>
  async (environment) => {
    const instance = await openInstance(environment, { recover: false });
    const log = await logOf(instance, wanted);
    if (log === undefined) throw new UpdaterError("jobRunUnknown", { run: wanted ?? "" });
    environment.print(log.trimEnd(), { type: "log", log });
  };

/** @param wanted id of a run, or a schedule: its last one; the last one of all when absent */
async function logOf(instance: Instance, wanted: string | undefined): Promise<string | undefined> {
  const { running, runs } = await readJobs(instance);
  const all = running ? [...runs, running] : runs;
  const run = all.findLast(
    ({ id, kind }) => wanted === undefined || id === wanted || kind === wanted,
  );
  if (!run) return undefined;
  const holder = await holderOfJobs(instance);
  if (holder.by === "job" && holder.run.id === run.id) {
    return (await endOfJob(instance.engine, holder.id))?.printed;
  }
  return await readJobLog(instance, run.id);
}

/** @returns the schedule of the run that was told to end */
async function cancel(instance: Instance): Promise<JobKind | undefined> {
  const holder = await holderOfJobs(instance);
  if (holder.by !== "job" || holder.status !== "running") return undefined;
  await stopJob(instance.engine, holder.id);
  await reconcileRun(
    instance,
    (await readInstance(instance.engine, instance.name)).state.proxyImage,
  );
  return holder.run.kind;
}

function isKind(given: string): given is JobKind {
  return jobKinds.some((kind) => kind === given);
}
