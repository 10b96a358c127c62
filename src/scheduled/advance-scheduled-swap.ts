import { isRunning } from "../engine/containers.ts";
import type { Instance } from "../instance/instance.ts";
import { isPending, readScheduled, type ScheduledSwap, writeScheduled } from "./scheduled-swaps.ts";
import { findInstance, type InstanceView, readInstance } from "../instance/read-instance.ts";
import { exitCodes } from "../runner/run.ts";
import { rehearsalOf, swapTo } from "../text/typed.ts";

/** How late a swap may begin, milliseconds: users were told a moment, and may be at work after it. */
const latenessMs = 30 * 60_000;
/** Milliseconds after which the book is read again, at the latest. */
const longestWaitMs = 30_000;
/** The same while another operation is awaited. */
const retryMs = 3_000;
/** After so long without anybody at work on it, milliseconds, what was begun is nobody's. */
const desertedMs = 10 * 60_000;

/** What a swap is while a command runs for it, and again when that could not begin. */
const states = {
  rehearse: { going: "rehearsing", before: "waiting" },
  swap: { going: "swapping", before: "rehearsed" },
} as const;

/** How a command of the updater ended. */
export interface CommandResult {
  readonly exitCode: number;
  readonly text: string;
  /** Another operation was going on, and nothing was begun. */
  readonly busy: boolean;
}

export interface SchedulerPorts {
  readonly now: () => Date;
  /** Runs the updater's own command to its end. */
  readonly run: (argv: readonly string[]) => Promise<CommandResult>;
  /** Tells the site how a scheduled swap ended. @returns why that could not be told, for each way that failed */
  readonly tell: (swap: ScheduledSwap) => Promise<readonly string[]>;
}

/**
 * Takes the next step of the swap that is scheduled, if it is time: rehearse, swap, or take up what a scheduler that
 * died has left.
 * @returns milliseconds until there may be something to do again
 */
export async function advanceScheduledSwap(
  instance: Instance,
  ports: SchedulerPorts,
): Promise<number> {
  const view = await findInstance(instance.engine, instance.name);
  const swaps = view ? await readScheduled(instance) : [];
  const untold = swaps.find(({ undelivered }) => undelivered === null);
  if (view && untold) {
    const undelivered = [...(await ports.tell(untold))];
    await change(instance, view, untold.id, (swap) => ({ ...swap, undelivered }));
    return 0;
  }
  const pending = swaps.find(isPending);
  if (!view || !pending) return longestWaitMs;
  const step = stepOf(pending, ports.now());
  if ("waitMs" in step) return Math.min(step.waitMs, longestWaitMs);
  const note = async (changed: Partial<ScheduledSwap>) =>
    await noteChange(instance, view, pending, ports, changed);
  const { take } = step;
  if (take === "miss") {
    await note({ state: "missed" });
    return 0;
  }
  const locked = async () => await isRunning(instance.engine, instance.names.control);
  if (take === "look") {
    // Until its first step, only the lock tells that it goes on. What was read before it was let go is too old.
    if (await locked()) return retryMs;
    const ended = await readInstance(instance.engine, instance.name);
    if (ended.journal && !(await isDeserted(instance, pending, ended, ports.now()))) return retryMs;
    await note(endOf(pending, ended));
    return 0;
  }
  // Whether what kept it from beginning, and is written down, still does: a look costs less than another attempt.
  if (pending.said !== null && (await locked())) return retryMs;
  const { going, before } = states[take];
  if (!(await note({ state: going }))) return 0;
  const { exitCode, text: said, busy } = await ports.run(commandOf(pending, take));
  if (busy) {
    await note({ state: before, said });
    return retryMs;
  }
  if (take === "swap") {
    await note({ state: isLive(exitCode) ? "done" : "failed", exitCode, said });
  } else if (exitCode === 0 || (await isAccepted(instance, pending))) {
    await note({ state: "rehearsed", said: null });
  } else {
    await note({ state: await whyNot(instance, pending), exitCode, said });
  }
  return 0;
}

/** What is typed after `updater` for the next step of a swap. */
export function commandOf(
  { choice, override, restartDatabase = false }: ScheduledSwap,
  take: "rehearse" | "swap",
): string[] {
  const [, ...typed] = (take === "swap" ? swapTo : rehearsalOf)(choice).split(" ");
  if (take === "rehearse") return typed;
  const agreed = restartDatabase ? ["--restart-database"] : [];
  return [...typed, ...agreed, ...override.flatMap((name) => ["--override", name])];
}

/** Nobody ends any more what it had begun: its recovery has failed, or nobody has tried. */
async function isDeserted(
  { engine, names }: Instance,
  swap: ScheduledSwap,
  view: InstanceView,
  now: Date,
): Promise<boolean> {
  if (await isRunning(engine, names.operator)) return false;
  const hasFailed = recordOf(swap, view)?.outcome === "needs-human";
  return hasFailed || now.getTime() - Date.parse(swap.since) > desertedMs;
}

type Step = { readonly waitMs: number } | { readonly take: "rehearse" | "swap" | "miss" | "look" };

/** What is to be done with a swap at a moment, by the scheduler that finds it as it is. */
export function stepOf({ state, at, rehearseAt }: ScheduledSwap, now: Date): Step {
  const since = now.getTime() - Date.parse(at);
  if (state === "swapping") return { take: "look" };
  if (since > latenessMs) return { take: "miss" };
  // One that was cut off is begun again.
  if (state !== "rehearsed") {
    const left = Date.parse(rehearseAt) - now.getTime();
    return left > 0 ? { waitMs: left } : { take: "rehearse" };
  }
  return since < 0 ? { waitMs: -since } : { take: "swap" };
}

/** The rehearsal that has found the version wanting; nothing where it could not be carried out. */
async function foundWanting({ engine, name }: Instance, { since }: ScheduledSwap) {
  const last = (await findInstance(engine, name))?.state.rehearsals.at(-1);
  return last && last.finishedAt >= since && last.verdict === "not-ready" ? last : undefined;
}

/** Whether all that a rehearsal has found was overridden beforehand. */
async function isAccepted(instance: Instance, swap: ScheduledSwap): Promise<boolean> {
  const found = await foundWanting(instance, swap);
  return found?.blocking.every((code) => swap.override.includes(code)) ?? false;
}

async function whyNot(instance: Instance, swap: ScheduledSwap) {
  return (await foundWanting(instance, swap)) ? ("not-ready" as const) : ("failed" as const);
}

/** The scheduler died during the swap: the history tells how it ended, once it has. */
function endOf(swap: ScheduledSwap, view: InstanceView): Partial<ScheduledSwap> {
  if (view.journal) return { state: "failed", exitCode: exitCodes["needs-human"] };
  const record = recordOf(swap, view);
  if (!record) return { state: "failed" };
  const exitCode = exitCodes[record.outcome];
  return { state: isLive(exitCode) ? "done" : "failed", exitCode };
}

function recordOf({ tag, choice, since }: ScheduledSwap, { state }: InstanceView) {
  return state.history.findLast(
    ({ operation, to, finishedAt }) =>
      // What renews what serves leads to whatever serves by then.
      operation === "swap" && (to === tag || choice.startsWith("--")) && finishedAt >= since,
  );
}

function isLive(exitCode: number): boolean {
  return exitCode === 0 || exitCode === 5;
}

/** @returns false when it was cancelled */
async function noteChange(
  instance: Instance,
  view: InstanceView,
  { id }: ScheduledSwap,
  { now }: SchedulerPorts,
  changed: Partial<ScheduledSwap>,
): Promise<boolean> {
  let noted = false;
  await change(instance, view, id, (swap) => {
    // It was cancelled meanwhile.
    if (!isPending(swap)) return swap;
    noted = true;
    const next = { ...swap, ...changed, since: now().toISOString() };
    return { ...next, undelivered: isPending(next) ? [] : null };
  });
  return noted;
}

async function change(
  instance: Instance,
  { state }: InstanceView,
  id: string,
  edit: (swap: ScheduledSwap) => ScheduledSwap,
): Promise<void> {
  await writeScheduled(instance, state.proxyImage, (swaps) =>
    swaps.map((swap) => (swap.id === id ? edit(swap) : swap)),
  );
}
