import { Gauge, Registry } from "prom-client";
import type { InstanceView } from "../instance/read-instance.ts";
import type { OperationRecord } from "../instance/state.ts";
import type { JobsOverview } from "../jobs/overview.ts";
import type { Following } from "../postgres/follow/health.ts";
import type { WayBack } from "../reverse-replication/way-back.ts";

type NewGauge = (name: string, help: string, ...labelNames: string[]) => Gauge;

/** What a monitoring system wants to know of an instance, in the text format of Prometheus. */
export async function metricsOf(
  instance: string,
  { state, serving, gateClosed, journal }: InstanceView,
  back: WayBack | undefined,
  jobs: JobsOverview | undefined,
): Promise<string> {
  const registry = new Registry();
  registry.setDefaultLabels({ instance });
  const gauge: NewGauge = (name, help, ...labelNames) =>
    new Gauge({ name: `biomaid_${name}`, help, labelNames, registers: [registry] });
  const tag = serving?.tag ?? "";
  gauge("serving", "1: the version with this tag serves; 0: none does.", "tag").set(
    { tag },
    Number(serving !== undefined),
  );
  gauge("gate_closed", "1: users wait.").set(Number(gateClosed));
  const unfinished = Number(journal !== undefined);
  gauge("unfinished", "1: an operation has begun and not ended.").set(unfinished);
  const last = state.history.at(-1);
  if (last) tellLast(last, gauge);
  if (jobs) tellJobs(jobs, gauge);
  if (back?.following) tellFollower(back, back.following, gauge);
  return await registry.metrics();
}

function tellLast({ operation, outcome, finishedAt }: OperationRecord, gauge: NewGauge): void {
  const help = "When the last operation ended.";
  const ended = gauge("operation_timestamp_seconds", help, "operation", "outcome");
  ended.set({ operation, outcome }, Date.parse(finishedAt) / 1000);
}

function tellJobs({ lives, schedules }: JobsOverview, gauge: NewGauge): void {
  gauge("scheduler_running", "1: jobs are run when they are due.").set(Number(lives));
  const done = gauge("jobs_done", "1: the last run ended well; 0: it did not.", "schedule");
  const ended = gauge("jobs_timestamp_seconds", "When the last run ended.", "schedule");
  const due = gauge("jobs_due_timestamp_seconds", "When the next run is due.", "schedule");
  for (const { kind: schedule, next, last: run } of schedules) {
    if (next === null) continue;
    due.set({ schedule }, Date.parse(next) / 1000);
    if (!run) continue;
    done.set({ schedule }, Number(run.outcome === "done"));
    ended.set({ schedule }, Date.parse(run.finishedAt) / 1000);
  }
}

function tellFollower(
  { tag, until }: WayBack,
  { state, lag, kept, limit, refused }: Following,
  gauge: NewGauge,
): void {
  const help = "1: the version left takes in what is written; 0: it should, and does not.";
  gauge("follower_working", help, "tag").set({ tag }, Number(state === "working"));
  gauge("follower_lag_bytes", "Log it has still to take in.").set(lag);
  gauge("follower_kept_bytes", "Log kept for it.").set(kept);
  if (limit !== null) gauge("follower_kept_limit_bytes", "Log that may be kept for it.").set(limit);
  gauge("follower_refused_rows", "Rows it could not take as they are.").set(refused);
  gauge("follower_until_timestamp_seconds", "When it may stop.").set(Date.parse(until) / 1000);
}
