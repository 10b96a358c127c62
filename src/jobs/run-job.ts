import { randomUUID } from "node:crypto";
import type { JobKind } from "../config/schema-maintenance.ts";
import { isMissing } from "../engine/connect.ts";
import { removeIdle, startCreated } from "../engine/containers.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import { findLock } from "../instance/instance-lock.ts";
import type { Instance } from "../instance/instance.ts";
import { type EndedRun, type JobRun, readJobs, writeJobs } from "./job-history.ts";
import { waitForDatabase } from "../instance/database-ready.ts";
import { createJob, type Holder, jobEnded, stopJob } from "./container.ts";
import { findInstance } from "../instance/read-instance.ts";
import { reconcileRun, withEnd, withoutBegun } from "./reconcile-run.ts";

/** What is asked for: a schedule, and when it was due (ISO 8601) unless the operator asks for it. */
export interface Wanted {
  readonly kind: JobKind;
  readonly due: string | null;
}

/** Who asks for a run. */
export interface Asking {
  /** For the state; how long things take the engine tells. */
  readonly now: () => Date;
  /** Leaves the run alone: the next command, or the scheduler, writes down its end. */
  readonly leave: AbortSignal;
  /** Keeps it from beginning, and ends it once it has begun; not where it is left alone. */
  readonly cancel: AbortSignal;
}

/** Why nothing was run. */
export type Blocked =
  /** Users wait, or nothing serves. */
  | { readonly by: "gate" }
  /** An operation is about to switch. */
  | { readonly by: "operation" }
  | (Holder & { readonly by: "job" });

/**
 * Runs the jobs of one schedule on the generation that serves at this moment, and waits for their end.
 * @throws what `cancel` was aborted with before they began
 */
export async function runJob(
  instance: Instance,
  { kind, due }: Wanted,
  asking: Asking,
): Promise<EndedRun | Blocked> {
  const { engine, name } = instance;
  const seen = await findInstance(engine, name);
  if (!seen?.serving || seen.serving.bareMetal) return { by: "gate" };
  const { proxyImage } = seen.state;
  const held = await reconcileRun(instance, proxyImage);
  if (held.by === "job") return held;
  if (held.by === "operation") {
    if (await isAlive(instance)) return { by: "operation" };
    // Its operation is dead, and ended by another.
    await removeIdle(engine, held.id);
  }

  // After a reboot everything starts at once.
  const { leave, cancel } = asking;
  await waitForDatabase(instance, seen.serving.number, AbortSignal.any([leave, cancel]));
  const id = randomUUID();
  const container = await createJob(instance, seen.serving, { id, kind, due });
  if (!container) return { by: "operation" };
  // Only what is read with the name in hand counts: no operation can switch any more.
  const serving = (await findInstance(engine, name))?.serving;
  if (serving?.number !== seen.serving.number) {
    await removeIdle(engine, container);
    return { by: "gate" };
  }
  const run: JobRun = {
    id,
    kind,
    due,
    startedAt: asking.now().toISOString(),
    generation: serving.number,
    tag: serving.tag,
  };
  await writeJobs(instance, proxyImage, ({ seenTo, ...book }) => ({
    ...book,
    running: run,
    seenTo: due === null ? seenTo : { ...seenTo, [kind]: run.startedAt },
  }));
  if (isCancelled(asking)) {
    await writeJobs(instance, proxyImage, (book) => withoutBegun(book, id));
    await removeIdle(engine, container);
    cancel.throwIfAborted();
  }
  try {
    await startCreated(engine, container);
  } catch (error) {
    return await notStarted(instance, proxyImage, { run, container }, error);
  }
  await untilEnded(instance, { kind, container }, asking);
  await reconcileRun(instance, proxyImage);
  return await endOf(instance, run);
}

const isCancelled = ({ leave, cancel }: Asking) => cancel.aborted && !leave.aborted;

async function untilEnded(
  instance: Instance,
  { kind, container }: Pick<JobRun, "kind"> & { readonly container: string },
  asking: Asking,
): Promise<void> {
  const { leave, cancel } = asking;
  const stop = () => {
    // Where that fails, it goes on up to its own limit.
    if (isCancelled(asking)) void stopJob(instance.engine, container).catch(() => undefined);
  };
  cancel.addEventListener("abort", stop, { once: true });
  try {
    // It may have been cancelled while it was being started.
    stop();
    await jobEnded(instance, container, kind, leave);
  } finally {
    cancel.removeEventListener("abort", stop);
  }
}

/** Another process has taken it for abandoned, or the engine cannot start it. */
async function notStarted(
  instance: Instance,
  image: string,
  { run, container }: { readonly run: JobRun; readonly container: string },
  error: unknown,
): Promise<EndedRun | Blocked> {
  if (isMissing(error)) {
    await writeJobs(instance, image, (book) => withoutBegun(book, run.id));
    return { by: "operation" };
  }
  const failed: EndedRun = {
    ...run,
    finishedAt: run.startedAt,
    outcome: "crashed",
    error: messageOf(error),
    jobs: [],
  };
  await writeJobs(instance, image, (book) => withEnd(book, failed));
  await removeIdle(instance.engine, container);
  return failed;
}

async function endOf(instance: Instance, { id }: JobRun): Promise<EndedRun> {
  const ended = (await readJobs(instance)).runs.find((run) => run.id === id);
  if (!ended) throw new UpdaterError("jobBookDamaged", { instance: instance.name });
  return ended;
}

/** Whether an operation has the lock, or one that died is still to be ended. */
async function isAlive({ engine, name }: Instance): Promise<boolean> {
  return (
    (await findLock(engine, name)) !== undefined ||
    (await findInstance(engine, name))?.journal !== undefined
  );
}
