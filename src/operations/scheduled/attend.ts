import type { Instance } from "../../instance/instance.ts";
import {
  isPending,
  readScheduled,
  type ScheduledSwap,
  writeScheduled,
} from "../../instance/schedule-book.ts";
import { findInstance, type View } from "../../instance/view.ts";
import { exitCodeOf } from "../run.ts";

/** How late a swap may begin, milliseconds: users were told a moment, and may be at work after it. */
const lateness = 30 * 60_000;
/** Milliseconds after which the book is read again, at the latest. */
const longest = 30_000;
/** The same while another operation is awaited. */
const retry = 3_000;

/** How a command of the updater ended. */
export interface Said {
  readonly exitCode: number;
  readonly text: string;
}

export interface Attendant {
  readonly now: () => Date;
  /** Runs the updater's own command to its end. */
  readonly run: (argv: readonly string[]) => Promise<Said>;
  /** Tells the site how a scheduled swap ended. */
  readonly report: (swap: ScheduledSwap) => Promise<void>;
}

/**
 * Takes the next step of the swap that is scheduled, if it is time: rehearse, swap, or take up what a scheduler that
 * died has left.
 * @returns milliseconds until there may be something to do again
 */
export async function attend(instance: Instance, attendant: Attendant): Promise<number> {
  const view = await findInstance(instance.engine, instance.name);
  const pending = view && (await readScheduled(instance)).find(isPending);
  if (!pending) return longest;
  const step = stepOf(pending, attendant.now());
  if ("wait" in step) return Math.min(step.wait, longest);
  const note = async (change: Partial<ScheduledSwap>) =>
    await noteChange(instance, view, pending, attendant, change);
  switch (step.take) {
    case "miss":
      await note({ state: "missed" });
      break;
    case "rehearse": {
      if (!(await note({ state: "rehearsing" }))) break;
      const { exitCode, text } = await attendant.run(["rehearse", pending.tag]);
      const state = exitCode === 0 ? "rehearsed" : await whyNot(instance, pending);
      await note(exitCode === 0 ? { state } : { state, exitCode, said: text });
      break;
    }
    case "swap": {
      if (!(await note({ state: "swapping" }))) break;
      const overrides = pending.override.flatMap((name) => ["--override", name]);
      const { exitCode, text } = await attendant.run(["swap", pending.tag, ...overrides]);
      await note({ state: isLive(exitCode) ? "done" : "failed", exitCode, said: text });
      break;
    }
    case "look": {
      const found = endOf(pending, view);
      if (found === "going on") return retry;
      await note(found);
    }
  }
  return 0;
}

type Step = { readonly wait: number } | { readonly take: "rehearse" | "swap" | "miss" | "look" };

/** What is to be done with a swap at a moment, by whoever finds it as it is. */
export function stepOf({ state, at, rehearseAt }: ScheduledSwap, now: Date): Step {
  const since = now.getTime() - Date.parse(at);
  if (state === "swapping") return { take: "look" };
  if (since > lateness) return { take: "miss" };
  // One that was cut off is begun again.
  if (state !== "rehearsed") {
    const left = Date.parse(rehearseAt) - now.getTime();
    return left > 0 ? { wait: left } : { take: "rehearse" };
  }
  return since < 0 ? { wait: -since } : { take: "swap" };
}

/** Whether a rehearsal has found the version wanting, or could not be carried out. */
async function whyNot({ engine, name }: Instance, { tag, since }: ScheduledSwap) {
  const rehearsals = (await findInstance(engine, name))?.state.rehearsals ?? [];
  const last = rehearsals.findLast((one) => one.tag === tag && one.finishedAt >= since);
  return last?.verdict === "not-ready" ? ("not-ready" as const) : ("failed" as const);
}

/** The scheduler died during the swap: the history tells how it ended, once it has. */
function endOf({ tag, since }: ScheduledSwap, view: View): "going on" | Partial<ScheduledSwap> {
  if (view.journal) return "going on";
  const record = view.state.history.findLast(
    ({ operation, to, finishedAt }) => operation === "swap" && to === tag && finishedAt >= since,
  );
  if (!record) return { state: "failed" };
  const exitCode = exitCodeOf(record.outcome);
  return { state: isLive(exitCode) ? "done" : "failed", exitCode };
}

function isLive(exitCode: number): boolean {
  return exitCode === 0 || exitCode === 5;
}

/** @returns false when somebody has cancelled it */
async function noteChange(
  instance: Instance,
  { state }: View,
  { id }: ScheduledSwap,
  { now, report }: Attendant,
  change: Partial<ScheduledSwap>,
): Promise<boolean> {
  let changed: ScheduledSwap | undefined;
  await writeScheduled(instance, state.proxyImage, (swaps) =>
    swaps.map((swap) => {
      // Somebody has cancelled it meanwhile.
      if (swap.id !== id || !isPending(swap)) return swap;
      changed = { ...swap, ...change, since: now().toISOString() };
      return changed;
    }),
  );
  if (changed && !isPending(changed)) await report(changed);
  return changed !== undefined;
}
