import { Gauge, Registry } from "prom-client";
import type { State } from "../instance/state.ts";
import type { InstanceView } from "../instance/read-instance.ts";
import type { JobsOverview } from "../jobs/overview.ts";
import type { WayBack } from "../reverse-replication/way-back.ts";

/** What a monitoring system wants to know of an instance, in the text format of Prometheus. */
export async function metricsOf(
  instance: string,
  { state, serving, gateClosed, journal }: InstanceView,
  back: WayBack | undefined,
  jobs: JobsOverview | undefined,
): Promise<string> {
  const registry = new Registry();
  registry.setDefaultLabels({ instance });
  const gauge = (
    name: string,
    help: string,
    value: number,
    labels: Record<string, string> = {},
  ) => {
    const labelNames = Object.keys(labels);
    const metric = new Gauge({ name: `biomaid_${name}`, help, labelNames, registers: [registry] });
    metric.set(labels, value);
  };
  gauge("serving", "1: the version with this tag serves; 0: none does.", serving ? 1 : 0, {
    tag: serving?.tag ?? "",
  });
  gauge("gate_closed", "1: users wait.", Number(gateClosed));
  gauge("unfinished", "1: an operation has begun and not ended.", Number(journal !== undefined));
  last(state, gauge);
  if (jobs) tellJobs(jobs, registry);
  const following = back?.following;
  if (!back || !following) return await registry.metrics();
  gauge(
    "follower_working",
    "1: the version left takes in what is written; 0: it should, and does not.",
    Number(following.state === "working"),
    { tag: back.tag },
  );
  gauge("follower_lag_bytes", "Log it has still to take in.", following.lag);
  gauge("follower_kept_bytes", "Log kept for it.", following.kept);
  if (following.limit !== null) {
    gauge("follower_kept_limit_bytes", "Log that may be kept for it.", following.limit);
  }
  gauge("follower_refused_rows", "Rows it could not take as they are.", following.refused);
  gauge("follower_until_timestamp_seconds", "When it may stop.", Date.parse(back.until) / 1000);
  return await registry.metrics();
}

function tellJobs({ lives, schedules }: JobsOverview, registry: Registry): void {
  const gauge = (name: string, help: string, labelNames = ["schedule"]) =>
    new Gauge({ name: `biomaid_${name}`, help, labelNames, registers: [registry] });
  gauge("scheduler_running", "1: jobs are run when they are due.", []).set(Number(lives));
  const done = gauge("jobs_done", "1: the last run ended well; 0: it did not.");
  const ended = gauge("jobs_timestamp_seconds", "When the last run ended.");
  const due = gauge("jobs_due_timestamp_seconds", "When the next run is due.");
  for (const { kind: schedule, next, last: run } of schedules) {
    if (next === null) continue;
    due.set({ schedule }, Date.parse(next) / 1000);
    if (!run) continue;
    done.set({ schedule }, Number(run.outcome === "done"));
    ended.set({ schedule }, Date.parse(run.finishedAt) / 1000);
  }
}

function last(
  { history }: State,
  gauge: (name: string, help: string, value: number, labels: Record<string, string>) => void,
): void {
  const operation = history.at(-1);
  if (!operation) return;
  const { operation: name, outcome, finishedAt } = operation;
  gauge(
    "operation_timestamp_seconds",
    "When the last operation ended.",
    Date.parse(finishedAt) / 1000,
    {
      operation: name,
      outcome,
    },
  );
}
