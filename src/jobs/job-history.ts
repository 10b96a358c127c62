import { z } from "zod";
import { jobKinds } from "../config/schema-maintenance.ts";
import { parseKept } from "../instance/kept-file.ts";
import { changeLockedFile } from "../instance/locked-file.ts";
import type { Instance } from "../instance/instance.ts";
import { readControlFile } from "../instance/read-instance.ts";

const time = z.iso.datetime();
const kind = z.enum(jobKinds);

const begun = z.strictObject({
  /** Also the name of its log: `jobs/ID.log`. */
  id: z.uuid(),
  kind,
  /** Null: the operator asked for it. */
  due: time.nullable(),
  startedAt: time,
  generation: z.int().positive(),
  tag: z.string(),
});

const ended = begun.extend({
  finishedAt: time,
  outcome: z.enum(["done", "crashed", "timed-out", "cut-short"]),
  /** What failed beside the jobs: the command itself, or the engine. */
  error: z.string().nullable(),
  jobs: z.array(
    z.strictObject({
      name: z.string(),
      milliseconds: z.number(),
      /** What it raised. */
      error: z.string().nullable(),
    }),
  ),
});

const book = z.strictObject({
  version: z.literal(1),
  instance: z.string(),
  /** Up to when each schedule has been seen to: what was due before is run, or given up. */
  seenTo: z.partialRecord(kind, time),
  /** Written before it starts. */
  running: begun.nullable(),
  /** The last one last. */
  runs: z.array(ended),
});

export type JobRun = Readonly<z.infer<typeof begun>>;
export type EndedRun = Readonly<z.infer<typeof ended>>;
export type JobHistory = z.infer<typeof book>;

const file = "jobs.json";
/** How many runs are remembered, and how many of their logs. */
const remembered = 200;
const logsKept = 100;

/**
 * What is written of an instance's jobs.
 * @throws UpdaterError `jobBookDamaged` when it is not what this version writes
 */
export async function readJobs({ engine, name }: Instance): Promise<JobHistory> {
  return parseBook((await readControlFile(engine, name, file)) ?? "", name);
}

/** What a run printed; undefined when it is not kept any more. */
export async function readJobLog({ engine, name }: Instance, id: string) {
  return await readControlFile(engine, name, `jobs/${id}.log`);
}

/**
 * Changes what is written, while no other process does.
 * @param log of a run that has ended
 */
export async function writeJobs(
  instance: Instance,
  image: string,
  change: (book: JobHistory) => JobHistory,
  log?: { readonly id: string; readonly text: string },
): Promise<void> {
  const edit = (content: string): JobHistory => {
    const { runs, ...rest } = change(parseBook(content, instance.name));
    return { ...rest, runs: runs.slice(-remembered) };
  };
  const kept = log && { folder: "jobs", count: logsKept, ...log };
  await changeLockedFile(instance, image, file, edit, kept);
}

function parseBook(content: string, instance: string): JobHistory {
  if (content === "") return { version: 1, instance, seenTo: {}, running: null, runs: [] };
  return parseKept(book, content, instance, "jobBookDamaged");
}
