import { readFile } from "node:fs/promises";
import type { Engine } from "../engine/connect.ts";
import { outputOf } from "../engine/container-output.ts";
import type { ContainerSpec } from "../engine/container-spec.ts";
import { listContainers, removeIdle, stateOf, stopContainer } from "../engine/containers.ts";
import { label, labelsOf } from "../engine/labels.ts";
import { holderOfName, isAbandoned, takeName } from "../engine/named-lock.ts";
import { UpdaterError } from "../errors.ts";
import { programSpec } from "../instance/containers.ts";
import type { Instance } from "../instance/instance.ts";
import type { Generation } from "../instance/state.ts";
import { until } from "../lib/until.ts";
import type { JobRun } from "./job-history.ts";

/** Seconds a job that is told to end may take. */
const stopSeconds = 10;

/** Between two looks at a job that runs. */
const endIntervalMs = 500;

/** Milliseconds after its own limit in which a job must have ended. */
const endSlackMs = 5 * 60_000;

/** Who has the name that lets one job run at a time. */
export type Holder =
  | { readonly by: "none" }
  /** An operation: no job starts until it has switched, or is undone. */
  | { readonly by: "operation"; readonly id: string }
  | {
      readonly by: "job";
      readonly id: string;
      readonly run: Pick<JobRun, "id" | "kind">;
      /** When it was created (ISO 8601). */
      readonly since: string;
      /** abandoned: the process that created it has died, and it will never run. */
      readonly status: "created" | "abandoned" | "running" | "ended";
    };

/**
 * Creates the container of a run, which is the lock: a name is given only once.
 * @returns its id; nothing when anyone else has the name
 */
export async function createJob(
  instance: Instance,
  generation: Generation,
  { id, kind, due }: Pick<JobRun, "id" | "kind" | "due">,
): Promise<string | undefined> {
  const { name, names, configuration } = instance;
  const program = await readFile(new URL("run-jobs.py", import.meta.url), "utf8");
  const seconds = Math.ceil(configuration.jobs.timeLimitMs / 1000);
  return await take(instance, {
    ...programSpec(instance, generation),
    name: names.job,
    labels: {
      ...labelsOf(name, "job", generation.number),
      [label.run]: id,
      [label.job]: kind,
      ...(due !== null && { [label.due]: due }),
    },
    // The process that started it may be dead by then: the limit is the container's own.
    entrypoint: ["timeout", `--kill-after=${stopSeconds}`, String(seconds)],
    command: ["/venv/bin/python", "-c", program, kind],
    stopSeconds,
  });
}

/**
 * Takes the name, so that no job can begin. It needs no process, and outlives a reboot.
 * @returns whether it could be taken
 */
export async function createPause(instance: Instance, image: string): Promise<boolean> {
  const { name, names } = instance;
  const labels = labelsOf(name, "job-pause");
  return (await take(instance, { name: names.job, image, labels })) !== undefined;
}

/** No holder of the name is replaced here: how a job ended is written down first. */
async function take({ engine }: Instance, spec: ContainerSpec): Promise<string | undefined> {
  const taken = await takeName(engine, spec, { replace: () => false });
  return "id" in taken ? taken.id : undefined;
}

export async function holderOfJobs({ engine, name, names }: Instance): Promise<Holder> {
  const holder = await holderOfName(engine, names.job, name);
  if (!holder) return { by: "none" };
  const { id, labels, phase, createdAt: since } = holder;
  if (labels[label.role] === "job-pause") return { by: "operation", id };
  const created = isAbandoned(holder) ? "abandoned" : "created";
  return {
    by: "job",
    id,
    run: { id: labels[label.run] ?? "", kind: labels[label.job] as JobRun["kind"] },
    since,
    status: phase === "created" ? created : phase === "active" ? "running" : "ended",
  };
}

/**
 * Waits until a job has ended or is gone, whatever becomes of a connection meanwhile.
 * @throws UpdaterError `jobStillRuns` minutes after its own limit
 */
export async function jobEnded(
  { engine, configuration }: Pick<Instance, "engine" | "configuration">,
  id: string,
  kind: string,
  signal: AbortSignal,
): Promise<void> {
  const since = new Date().toISOString();
  const ended = async () => (await stateOf(engine, id))?.phase !== "active";
  const limitMs = configuration.jobs.timeLimitMs + endSlackMs;
  const otherwise = () => {
    throw new UpdaterError("jobStillRuns", { kind, since, seconds: limitMs / 1000 });
  };
  await until(ended, { intervalMs: endIntervalMs, limitMs, otherwise, signal });
}

/** How a job ended, as its container tells; undefined when it is gone. */
export async function endOfJob(engine: Engine, id: string) {
  const state = await stateOf(engine, id);
  const output = await outputOf(engine, id);
  if (!state || !output) return undefined;
  return {
    startedAt: new Date(state.startedAt).toISOString(),
    finishedAt: new Date(state.finishedAt).toISOString(),
    status: state.exitStatus,
    said: output.stdout.split("\n").filter(Boolean),
    printed: output.stderr,
  };
}

export async function removePause({ engine, name }: Instance): Promise<void> {
  for (const { id } of await listContainers(engine, labelsOf(name, "job-pause"))) {
    await removeIdle(engine, id);
  }
}

/** Tells a job to end, and kills it if it does not. */
export async function stopJob(engine: Engine, id: string): Promise<void> {
  await stopContainer(engine, id, stopSeconds);
}
