import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { type Engine, isConflict, isMissing, unlessMissing } from "../engine/connect.ts";
import { listContainers, optionsOf, stopContainer } from "../engine/containers.ts";
import { splitLog } from "../engine/container-output.ts";
import { label, labelsOf } from "../engine/labels.ts";
import { UpdaterError } from "../errors.ts";
import { programSpec } from "../instance/containers.ts";
import type { Instance } from "../instance/instance.ts";
import type { JobRun } from "./job-history.ts";
import type { Generation } from "../instance/state.ts";

type Container = ReturnType<Engine["getContainer"]>;

/** Seconds a job that is told to end may take. */
const stopSeconds = 10;

/** Milliseconds between two looks at a job that runs. */
const endInterval = 500;

/** Who has the name that lets one job run at a time. */
export type Holder =
  | { readonly by: "nobody" }
  /** An operation: no job starts until it has switched, or is undone. */
  | { readonly by: "operation"; readonly id: string }
  | {
      readonly by: "job";
      readonly id: string;
      readonly run: Pick<JobRun, "id" | "kind">;
      readonly createdAt: number;
      readonly status: "created" | "running" | "ended";
    };

/**
 * Creates the container of a run, which is the lock: a name is given only once.
 * @returns nothing when somebody else has it
 */
export async function createJob(
  instance: Instance,
  generation: Generation,
  { id, kind, due }: Pick<JobRun, "id" | "kind" | "due">,
): Promise<Container | undefined> {
  const { name, names, configuration } = instance;
  const program = await readFile(new URL("run-jobs.py", import.meta.url), "utf8");
  const seconds = Math.ceil(configuration.jobs.timeLimit / 1000);
  return await take(instance, {
    ...programSpec(instance, generation),
    name: names.job,
    labels: {
      ...labelsOf(name, "job", generation.number),
      [label.run]: id,
      [label.job]: kind,
      ...(due !== null && { [label.due]: due }),
    },
    // Whoever started it may be dead by then: the limit is the container's own.
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

async function take({ engine }: Instance, spec: Parameters<typeof optionsOf>[0]) {
  try {
    return await engine.createContainer(optionsOf(spec));
  } catch (error) {
    if (isConflict(error)) return undefined;
    throw error;
  }
}

export async function holderOfJobs({ engine, name, names }: Instance): Promise<Holder> {
  try {
    const { Id, Config, State, Created } = await engine.getContainer(names.job).inspect();
    const { Labels } = Config;
    if (Labels[label.instance] !== name) {
      throw new UpdaterError("foreignContainer", { container: names.job });
    }
    if (Labels[label.role] === "job-pause") return { by: "operation", id: Id };
    const created = State.Status === "created";
    return {
      by: "job",
      id: Id,
      run: { id: Labels[label.run] ?? "", kind: Labels[label.job] as JobRun["kind"] },
      createdAt: Date.parse(Created),
      status: created ? "created" : State.Running ? "running" : "ended",
    };
  } catch (error) {
    if (isMissing(error)) return { by: "nobody" };
    throw error;
  }
}

/** Waits until a job has ended or is gone, whatever becomes of a connection meanwhile. */
export async function jobEnded(engine: Engine, id: string, signal: AbortSignal): Promise<void> {
  while (await isAtWork(engine, id)) await delay(endInterval, undefined, { signal });
}

async function isAtWork(engine: Engine, id: string): Promise<boolean> {
  try {
    return (await engine.getContainer(id).inspect()).State.Running;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** How a job ended, as its container tells. */
export async function endOfJob(engine: Engine, id: string) {
  const container = engine.getContainer(id);
  const { State } = await container.inspect();
  const { stdout, stderr } = splitLog(
    await container.logs({ stdout: true, stderr: true, follow: false }),
  );
  return {
    startedAt: new Date(State.StartedAt).toISOString(),
    finishedAt: new Date(State.FinishedAt).toISOString(),
    status: State.ExitCode,
    said: stdout.split("\n").filter(Boolean),
    printed: stderr,
  };
}

/** Removes what never ran, or runs no more. @returns false when it runs after all */
export async function removeIdle(engine: Engine, id: string): Promise<boolean> {
  try {
    await unlessMissing(engine.getContainer(id).remove({ v: true }));
    return true;
  } catch (error) {
    if (isConflict(error)) return false;
    throw error;
  }
}

/** Lets jobs start again. */
export async function removePause({ engine, name }: Instance): Promise<void> {
  for (const { id } of await listContainers(engine, labelsOf(name, "job-pause"))) {
    await removeIdle(engine, id);
  }
}

/** Tells a job to end, and kills it if it does not. */
export async function stopJob(engine: Engine, id: string): Promise<void> {
  await stopContainer(engine, id, stopSeconds);
}
