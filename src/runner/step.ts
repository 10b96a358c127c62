import { setTimeout as delay } from "node:timers/promises";
import { abortable } from "../lib/abortable.ts";
import { UpdaterError } from "../errors.ts";
import type { Reporter } from "../instance/events.ts";
import type { StepName } from "../text/catalogue.ts";

/**
 * One step of an operation.
 * @typeParam Undo what undoing it needs: less, because recovery has no more
 */
export interface Step<Apply, Undo = unknown> {
  readonly name: StepName;
  /** Users wait while it runs: `hold.max` applies. */
  readonly gate?: "closed";
  /** Once applied the target serves: later failures no longer unwind. */
  readonly commit?: true;
  /** Has outside effects (mail, a hook): recovery never runs it again. */
  readonly once?: true;
  readonly apply: (context: Apply, signal: AbortSignal) => Promise<void>;
  /** Puts the world back from wherever `apply` stopped; safe to repeat. */
  readonly undo?: (context: Undo) => Promise<void>;
}

/** The steps of an operation that moves users, in order. */
export interface SwitchSteps<Prepare, Finish> {
  readonly prepare: readonly Step<Prepare, Finish>[];
  /** The first is the commit. Recovery takes these with no more than it finds written down. */
  readonly finish: readonly Step<Finish>[];
}

export function inOrder<Prepare extends Finish, Finish>({
  prepare,
  finish,
}: SwitchSteps<Prepare, Finish>): readonly Step<Prepare, Prepare>[] {
  return [...prepare, ...finish];
}

/** Milliseconds a step that is interrupted may take to end. */
const graceMs = 2_000;
/** What undoing one step may take: stopping a database, at most. */
const undoLimitSignal = () => AbortSignal.timeout(5 * 60_000);

export type Outcome =
  | { readonly kind: "done" }
  /** Failed before the commit; everything is as it was. */
  | { readonly kind: "restored"; readonly error: unknown }
  /** Failed before the commit, and so did putting things back. */
  | {
      readonly kind: "needs-human";
      readonly error: unknown;
      readonly undoError: unknown;
      /** Undoing stopped half way: recovery tries again. */
      readonly halfUndone?: true;
    }
  /** Failed after the commit: the target serves, something is left to tidy. */
  | { readonly kind: "clean-up-pending"; readonly error: unknown };

export interface StepRun {
  readonly outcome: Outcome;
  /** Milliseconds each applied step took. */
  readonly durationsMs: Readonly<Record<string, number>>;
  /** The step that was not applied to its end. */
  readonly failedAt?: StepName;
}

/** What the steps of one operation run with. */
export interface StepContext {
  readonly instance: { readonly reporter: Reporter };
  /** Aborts when users have waited for as long as they may. */
  readonly hold: { readonly signal: AbortSignal };
  readonly journal: StepJournal;
}

/** What of a step decides whether its beginning must survive a power cut. */
type BegunStep = Pick<Step<never>, "name" | "commit"> & { readonly undo?: unknown };

/** Where an operation says what it is about to do, for a recovery after its updater's death. */
export interface StepJournal {
  begin(step: BegunStep): Promise<void>;
}

/**
 * Applies steps in order. Whatever fails, or `signal`, before the commit undoes what was begun, last
 * first; undoing stops at its first failure and says so.
 */
export async function runSteps<Context extends StepContext>(
  steps: readonly Step<Context, Context>[],
  context: Context,
  signal: AbortSignal,
): Promise<StepRun> {
  const { reporter } = context.instance;
  const durations: Record<string, number> = {};
  const begun: Step<Context, Context>[] = [];
  let committed = false;
  for (const step of steps) {
    const startedAt = performance.now();
    const took = () => performance.now() - startedAt;
    begun.push(step);
    try {
      await context.journal.begin(step);
      reporter.event({ type: "step-started", step: step.name });
      if (!committed) throwIfInterrupted(signal);
      await (step.gate === "closed"
        ? whileUsersWait(step, context, AbortSignal.any([signal, context.hold.signal]))
        : step.apply(context, signal));
    } catch (error) {
      reporter.event({ type: "step-failed", step: step.name, milliseconds: took() });
      const reason =
        signal.aborted && !committed ? new UpdaterError("interrupted", {}, error) : error;
      const outcome = committed
        ? ({ kind: "clean-up-pending", error: reason } as const)
        : await unwind(begun, context, reason);
      return { outcome, durationsMs: durations, failedAt: step.name };
    }
    durations[step.name] = took();
    reporter.event({ type: "step-finished", step: step.name, milliseconds: took() });
    committed ||= step.commit === true;
  }
  return { outcome: { kind: "done" }, durationsMs: durations };
}

/**
 * Users wait no longer than they may, whether or not what the step waits for (a frozen process, an engine
 * that hangs) can be interrupted.
 */
async function whileUsersWait<Context>(
  step: Pick<Step<Context>, "apply">,
  context: Context,
  signal: AbortSignal,
): Promise<void> {
  const work = step.apply(context, signal);
  try {
    await abortable(signal, work);
  } catch (error) {
    // What can be interrupted ends by itself, and is not undone while it is still being done.
    if (signal.aborted) {
      await Promise.race([work.catch(() => undefined), delay(graceMs, undefined, { ref: false })]);
    }
    throw error;
  }
}

function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw new UpdaterError("interrupted", {});
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
      await abortable(undoLimitSignal(), step.undo(context));
    } catch (undoError) {
      return { kind: "needs-human", error, undoError, halfUndone: true };
    }
    context.instance.reporter.event({ type: "step-undone", step: step.name });
  }
  return { kind: "restored", error };
}
