import type { UpdaterError } from "../errors.ts";
import type { OperationRecord, Rehearsed } from "./state.ts";
import type { NoteCode, StepName } from "../text/catalogue.ts";

/** What an operation tells while it runs; every reporter (terminal, plain, JSON) shows these same events. */
export type Event =
  | {
      type: "operation-started";
      operation: OperationRecord["operation"];
      instance: string;
      from: string | null;
      to: string;
    }
  /** An operation whose updater died is undone, or finished if users were switched already. */
  | {
      type: "recovering";
      operation: OperationRecord["operation"];
      to: string;
      since: string;
      committed: boolean;
    }
  | { type: "step-started"; step: StepName }
  | { type: "step-finished"; step: StepName; milliseconds: number }
  | { type: "step-failed"; step: StepName; milliseconds: number }
  | { type: "step-undone"; step: StepName }
  | { type: "progress"; step: StepName; done: number; total: number; unit: "bytes" }
  | { type: "migration-started"; migration: string }
  | { type: "migration-finished"; migration: string; milliseconds: number }
  | { type: "hold-started" }
  | { type: "hold-finished"; milliseconds: number }
  /** A line of a program we run, for the operation's log. */
  | {
      type: "output";
      source: "build" | "application" | "database" | "hook" | "snapshots" | "supervision";
      line: string;
    }
  | { type: "note"; note: NoteCode }
  /** What follows was said by an operation that others began, or that was begun before. */
  | { type: "attached"; operation: string; holder: string; since: string }
  /** What is known beforehand of the release that a swap begins with. */
  | ({ type: "rehearsed"; tag: string; choice: string } & Rehearsed)
  /** Something failed that the configuration says not to stop for. */
  | { type: "warning"; error: UpdaterError };

/** Reports a piece of work outside an operation's list of steps as one of them. */
export async function reportStep<Result>(
  reporter: Reporter,
  step: StepName,
  work: () => Promise<Result>,
): Promise<Result> {
  const startedAt = performance.now();
  reporter.event({ type: "step-started", step });
  try {
    const result = await work();
    const milliseconds = performance.now() - startedAt;
    reporter.event({ type: "step-finished", step, milliseconds });
    return result;
  } catch (error) {
    const milliseconds = performance.now() - startedAt;
    reporter.event({ type: "step-failed", step, milliseconds });
    throw error;
  }
}

/** Shows or records events; never throws, never blocks the operation. */
export interface Reporter {
  event(event: Event): void;
}
