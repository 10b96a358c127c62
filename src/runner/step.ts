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
  /**
   * Once applied the target serves: it is not interruptible, and later failures no longer unwind. Where it fails it is
   * asked whether it has happened all the same.
   */
  readonly commit?: { readonly reached: (context: Apply) => Promise<boolean> };
  /** After the commit: Ctrl-C ends it early, which is no failure. Whatever else comes then is done to its end. */
  readonly watches?: true;
  /** After the commit: when it fails, what follows is not done, for it is not clear that the target stays. */
  readonly decides?: true;
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

export type Outcome =
  | { readonly kind: "done" }
  /** Failed before the commit; everything is as it was. */
  | ({ readonly kind: "restored"; readonly error: unknown } & Unfinished)
  /** Failed before the commit, and so did putting things back. */
  | ({
      readonly kind: "needs-human";
      readonly error: unknown;
      readonly undoError: unknown;
    } & Unfinished)
  /** Failed after the commit: the target serves, something is left to tidy. */
  | ({ readonly kind: "clean-up-pending"; readonly error: unknown } & Unfinished);

/** The journal tells what is left, and stays: the next command goes on with it. */
interface Unfinished {
  readonly unfinished?: true;
}

export interface StepRun {
  readonly outcome: Outcome;
  /** Milliseconds each applied step took. */
  readonly durationsMs: Readonly<Record<string, number>>;
  /** The first step that was not applied to its end. */
  readonly failedAt?: StepName;
  /** Where one that decides has failed: steps behind the commit that are not done. */
  readonly left?: readonly StepName[];
}

/** What the steps of one operation run with. */
export interface StepContext {
  readonly instance: { readonly reporter: Reporter };
  /** Aborts when users have waited for as long as they may. */
  readonly hold: { readonly signal: AbortSignal };
  readonly journal: StepJournal;
  /** Ends what a step that was given up still does, so that undoing it meets nothing half done. */
  readonly cutOff: () => Promise<void>;
}

/** What of a step decides whether its beginning must survive a power cut. */
type BegunStep = Pick<Step<never>, "name"> & {
  readonly undo?: unknown;
  readonly commit?: unknown;
};

/** Where an operation says what it is about to do, for a recovery after its updater's death. */
export interface StepJournal {
  begin(step: BegunStep): Promise<void>;
  /** As if it had never begun. */
  withdraw(step: BegunStep): Promise<void>;
  /** The target serves, and nothing but these steps is left. */
  leave(steps: readonly StepName[]): Promise<void>;
}
