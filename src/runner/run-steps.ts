import { setTimeout as delay } from "node:timers/promises";
import { messageOf, UpdaterError } from "../errors.ts";
import { abortable } from "../lib/abortable.ts";
import { timeLimit } from "../lib/time-limit.ts";
import type { Outcome, Step, StepContext, StepRun } from "./step.ts";

/** Milliseconds a step that is interrupted may take to end by itself. */
const graceMs = 2_000;
/** What undoing one step may take: stopping a database, at most. */
const undoLimitMs = 5 * 60_000;
/** What is not interrupted once it has begun. */
const never = new AbortController().signal;

/**
 * Applies steps in order. Whatever fails, or `signal`, before the commit undoes what was begun, last
 * first; undoing stops at its first failure and says so. What fails after it is left, and the rest is done.
 * @param options.committed the target serves already: an operation is taken up again
 */
export async function runSteps<Context extends StepContext>(
  steps: readonly Step<Context, Context>[],
  context: Context,
  signal: AbortSignal,
  { committed = false } = {},
): Promise<StepRun> {
  const durationsMs: Record<string, number> = {};
  const commit = steps.findIndex((step) => step.commit);
  const interruptible = committed ? 0 : commit === -1 ? steps.length : commit + 1;
  const begun: Step<Context, Context>[] = [];
  for (const step of steps.slice(0, interruptible)) {
    begun.push(step);
    try {
      await take(step, context, durationsMs, async () => {
        if (step.commit) await switchOver(step, context, signal);
        else await applyInterruptibly(step, context, signal);
      });
    } catch (error) {
      const outcome = await giveUp(begun, context, error, signal);
      return { outcome, durationsMs, failedAt: step.name };
    }
  }
  return {
    ...(await finish(steps.slice(interruptible), context, signal, durationsMs)),
    durationsMs,
  };
}

/** Writes down that a step begins, applies it, and tells how that went. */
async function take<Context extends StepContext>(
  step: Step<Context, Context>,
  { journal, instance: { reporter } }: Context,
  durationsMs: Record<string, number>,
  apply: () => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  const tell = (type: "step-failed" | "step-finished") => {
    const milliseconds = performance.now() - startedAt;
    reporter.event({ type, step: step.name, milliseconds });
    return milliseconds;
  };
  try {
    await journal.begin(step);
    reporter.event({ type: "step-started", step: step.name });
    await apply();
  } catch (error) {
    tell("step-failed");
    throw error;
  }
  durationsMs[step.name] = tell("step-finished");
}

/** What comes once the target serves: one step that fails keeps none of the others from being done. */
async function finish<Context extends StepContext>(
  steps: readonly Step<Context, Context>[],
  context: Context,
  signal: AbortSignal,
  durationsMs: Record<string, number>,
): Promise<Pick<StepRun, "outcome" | "failedAt" | "left">> {
  const failed: { readonly step: Step<Context, Context>; readonly error: unknown }[] = [];
  for (const [index, step] of steps.entries()) {
    try {
      const until = step.watches ? signal : never;
      await take(step, context, durationsMs, async () => await step.apply(context, until));
    } catch (error) {
      const failedAt = step.name;
      // Taken up again: without the switch nothing that follows makes sense.
      if (step.commit) return { outcome: undecided(error), failedAt };
      if (step.decides) {
        const left = [...failed.map((one) => one.step), ...steps.slice(index + 1)];
        const outcome = { kind: "clean-up-pending", error, unfinished: true } as const;
        return { outcome, failedAt, left: left.map(({ name }) => name) };
      }
      failed.push({ step, error });
    }
  }
  const [first] = failed;
  if (!first) return { outcome: { kind: "done" } };
  const { error } = first;
  const left = failed.filter(({ step }) => !step.once).map(({ step }) => step.name);
  // Where this cannot be written, all of it is done again.
  if (left.length > 0) await context.journal.leave(left).catch(() => undefined);
  return {
    outcome: { kind: "clean-up-pending", error, ...(left.length > 0 && { unfinished: true }) },
    failedAt: first.step.name,
  };
}

/** Nothing is undone: it might take from users what they have written since. The next command finds out more. */
function undecided(error: unknown, undoError: unknown = error): Outcome {
  return { kind: "needs-human", error, undoError, unfinished: true };
}

async function applyInterruptibly<Context extends StepContext>(
  step: Step<Context, Context>,
  context: Context,
  signal: AbortSignal,
): Promise<void> {
  throwIfInterrupted(signal);
  if (step.gate !== "closed") return await step.apply(context, signal);
  await whileUsersWait(step, context, AbortSignal.any([signal, context.hold.signal]));
}

/** Either is interrupted before it begins, or is done to its end: users may write from the moment it happens. */
async function switchOver<Context extends StepContext>(
  { commit, apply }: Step<Context, Context>,
  context: Context,
  signal: AbortSignal,
): Promise<void> {
  throwIfInterrupted(signal);
  context.hold.signal.throwIfAborted();
  try {
    await apply(context, never);
  } catch (error) {
    if (!(await hasSwitched(commit, context, error))) throw error;
  }
}

/** A switch that failed, and it is not known whether it has happened all the same. */
class UnknownSwitch extends Error {}

async function hasSwitched<Context>(
  commit: Step<Context>["commit"],
  context: Context,
  error: unknown,
): Promise<boolean> {
  try {
    return (await commit?.reached(context)) ?? false;
  } catch {
    throw new UnknownSwitch(messageOf(error), { cause: error });
  }
}

/** Undoes what was begun, unless that might take from users what they have written since. */
async function giveUp<Context extends StepContext>(
  begun: readonly Step<Context, Context>[],
  context: Context,
  error: unknown,
  signal: AbortSignal,
): Promise<Outcome> {
  if (error instanceof UnknownSwitch) return undecided(error.cause);
  const reason = signal.aborted ? interruption(signal, error) : error;
  const last = begun.at(-1);
  if (last?.commit) {
    try {
      // A recovery would finish what says that it was to be switched.
      await context.journal.withdraw(last);
    } catch (undoError) {
      return undecided(reason, undoError);
    }
  }
  return await unwind(begun, context, reason);
}

/**
 * Users wait no longer than they may, whether or not what the step waits for (a frozen process, an engine
 * that hangs) can be interrupted.
 */
async function whileUsersWait<Context extends StepContext>(
  step: Step<Context, Context>,
  context: Context,
  signal: AbortSignal,
): Promise<void> {
  const work = step.apply(context, signal);
  try {
    await abortable(signal, work);
  } catch (error) {
    // What can be interrupted ends by itself, and is not undone while it is still being done.
    if (signal.aborted && !(await endsWithin(work, graceMs))) {
      await context.cutOff();
      await endsWithin(work, graceMs);
    }
    throw error;
  }
}

async function endsWithin(work: Promise<unknown>, limitMs: number): Promise<boolean> {
  const ended = work.then(
    () => true,
    () => true,
  );
  return await Promise.race([ended, delay(limitMs, false, { ref: false })]);
}

function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw interruption(signal);
}

/** Ctrl-C, or a limit that has an error of its own. */
function interruption({ reason }: AbortSignal, error?: unknown): UpdaterError {
  return reason instanceof UpdaterError ? reason : new UpdaterError("interrupted", {}, error);
}

/** Undoes steps that were begun, the last one first; stops at its first failure and says so. */
export async function unwind<Context extends StepContext>(
  begun: readonly Step<never, Context>[],
  context: Context,
  error: unknown,
): Promise<Outcome> {
  for (const step of begun.toReversed()) {
    if (!step.undo) continue;
    try {
      const tooLong = () =>
        new UpdaterError("undoTooLong", { step: step.name, seconds: undoLimitMs / 1000 });
      await abortable(timeLimit(undoLimitMs, tooLong), step.undo(context));
    } catch (undoError) {
      return { kind: "needs-human", error, undoError, unfinished: true };
    }
    context.instance.reporter.event({ type: "step-undone", step: step.name });
  }
  return { kind: "restored", error };
}
