import { z } from "zod";
import { parseKept } from "../instance/kept-file.ts";
import { changeLockedFile } from "../instance/locked-file.ts";
import type { Instance } from "../instance/instance.ts";
import { readControlFile } from "../instance/read-instance.ts";

const time = z.iso.datetime();

const fields = z.strictObject({
  id: z.uuid(),
  /** What BiomAid is at then, as far as is known when it is asked for. */
  tag: z.string(),
  /** What to swap to, as it is typed after the command's name; an earlier updater knew tags alone. */
  choice: z.string().optional(),
  /** Guardrails it goes on in spite of. */
  override: z.array(z.string()),
  /** Of a move: the PostgreSQL of the machine may be restarted for it. */
  restartDatabase: z.boolean().optional(),
  at: time,
  rehearseAt: time,
  askedAt: time,
  /** Who asked. */
  by: z.string(),
  state: z.enum([
    "waiting",
    "rehearsing",
    "rehearsed",
    "swapping",
    "done",
    "not-ready",
    "failed",
    "missed",
    "cancelled",
  ]),
  /** When what the state says began. */
  since: time,
  /** Of the command that ended it. */
  exitCode: z.int().nullable(),
  /** What that command said last. */
  said: z.string().nullable(),
  /** Why the site could not be told how it ended; null while it is still to be told. */
  undelivered: z.array(z.string()).nullable().default([]),
});

const swap = fields.transform((one) => ({ ...one, choice: one.choice ?? one.tag }));

const book = z.strictObject({
  version: z.literal(1),
  instance: z.string(),
  /** The last one last. */
  swaps: z.array(swap),
});

export type ScheduledSwap = Readonly<z.infer<typeof swap>>;
type SwapBook = z.infer<typeof book>;

const file = "scheduled.json";
const remembered = 50;

/** Whether it is still to come, or goes on. */
export function isPending({ state }: Pick<ScheduledSwap, "state">): boolean {
  return ["waiting", "rehearsing", "rehearsed", "swapping"].includes(state);
}

/** Whether a scheduler has something left to do with it. */
export function needsScheduler(one: Pick<ScheduledSwap, "state" | "undelivered">): boolean {
  return isPending(one) || one.undelivered === null;
}

/** @throws UpdaterError `scheduleDamaged` when it is not what this version writes */
export async function readScheduled({ engine, name }: Instance): Promise<readonly ScheduledSwap[]> {
  return parseBook((await readControlFile(engine, name, file)) ?? "", name).swaps;
}

/** Changes what is written, while no other process does. */
export async function writeScheduled(
  instance: Instance,
  image: string,
  change: (swaps: readonly ScheduledSwap[]) => readonly ScheduledSwap[],
): Promise<void> {
  await changeLockedFile(instance, image, file, (content) => {
    const { swaps, ...rest } = parseBook(content, instance.name);
    return { ...rest, swaps: change(swaps).slice(-remembered) };
  });
}

function parseBook(content: string, instance: string): SwapBook {
  if (content === "") return { version: 1, instance, swaps: [] };
  return parseKept(book, content, instance, "scheduleDamaged");
}
