import { z } from "zod";
import { removeIdle } from "../engine/containers.ts";
import type { Instance } from "../instance/instance.ts";
import { type EndedRun, type JobHistory, type JobRun, readJobs, writeJobs } from "./job-history.ts";
import { json } from "../lib/json.ts";
import { endOfJob, type Holder, holderOfJobs } from "./container.ts";

/** What of a run's output is kept, characters. */
const longestLog = 1_000_000;
/** `timeout` ends with this when it has ended what it runs. */
const timedOut = 124;

const job = z.object({ name: z.string(), milliseconds: z.number(), error: z.string().nullable() });

/**
 * Writes down the end of a run, whichever process began it and whether or not it lives; removes its container.
 * @returns who has the name now
 */
export async function reconcileRun(instance: Instance, image: string): Promise<Holder> {
  const holder = await holderOfJobs(instance);
  if (holder.by !== "job") {
    return (await writeGone(instance, image)) ? holder : await holderOfJobs(instance);
  }
  if (holder.status === "created" || holder.status === "running") return holder;
  if (holder.status === "abandoned") {
    if (!(await removeIdle(instance.engine, holder.id))) return await holderOfJobs(instance);
    await writeJobs(instance, image, (book) => withoutBegun(book, holder.run.id));
    return { by: "none" };
  }
  await writeEnd(instance, image, holder);
  return await holderOfJobs(instance);
}

/**
 * A run whose container was removed by hand: what it did is unknown, and it is not run again.
 * @returns false when one has begun meanwhile
 */
async function writeGone(instance: Instance, image: string): Promise<boolean> {
  const { running } = await readJobs(instance);
  if (running === null) return true;
  const holder = await holderOfJobs(instance);
  if (holder.by === "job") return false;
  await writeJobs(instance, image, (book) =>
    book.running?.id === running.id
      ? withEnd(book, {
          ...running,
          finishedAt: new Date().toISOString(),
          outcome: "cut-short",
          error: null,
          jobs: [],
        })
      : book,
  );
  return true;
}

async function writeEnd(
  instance: Instance,
  image: string,
  { id, run }: Holder & { readonly by: "job" },
): Promise<void> {
  const { engine, configuration } = instance;
  const end = await endOfJob(engine, id);
  // Anyone else has written it, and removed the container.
  if (!end) return;
  const { startedAt, finishedAt, status, said, printed } = end;
  // A job may print into the same stream.
  const jobs = said.flatMap((line) => json(job).safeParse(line).data ?? []);
  const took = Date.parse(finishedAt) - Date.parse(startedAt);
  const ended = (running: JobRun): EndedRun => ({
    ...running,
    startedAt,
    finishedAt,
    outcome: outcomeOf(status, took >= configuration.jobs.timeLimitMs, jobs),
    error: jobs.some(({ error }) => error !== null) ? null : lastWords(status, printed),
    jobs,
  });
  await writeJobs(
    instance,
    image,
    (book) => (book.running?.id === run.id ? withEnd(book, ended(book.running)) : book),
    { id: run.id, text: printed.slice(-longestLog) },
  );
  await removeIdle(engine, id);
}

function outcomeOf(status: number, late: boolean, jobs: EndedRun["jobs"]): EndedRun["outcome"] {
  if (status === timedOut || (late && status > 128)) return "timed-out";
  if (status > 128) return "cut-short";
  return status === 0 && jobs.every(({ error }) => error === null) ? "done" : "crashed";
}

function lastWords(status: number, printed: string): string | null {
  if (status === 0) return null;
  return (printed.trimEnd().split("\n").at(-1) ?? "").slice(0, 300) || `exit status ${status}`;
}

export function withEnd(book: JobHistory, run: EndedRun): JobHistory {
  return { ...book, running: null, runs: [...book.runs, run] };
}

/** It was written down and never started: it is as due as it was. */
export function withoutBegun(book: JobHistory, id: string): JobHistory {
  const { running, seenTo } = book;
  if (running?.id !== id) return book;
  if (running.due === null) return { ...book, running: null };
  const before = new Date(Date.parse(running.due) - 1).toISOString();
  return { ...book, running: null, seenTo: { ...seenTo, [running.kind]: before } };
}
