import type { UpdaterError } from "./errors.ts";
import type { NoteCode, StepName } from "./text/catalogue.ts";

/** What an operation tells while it runs; every reporter (terminal, plain, JSON) shows these same events. */
export type Event =
  | {
      type: "operation-started";
      operation: string;
      instance: string;
      from: string | null;
      to: string;
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
  | { type: "output"; source: "build" | "application" | "database" | "hook"; line: string }
  | { type: "note"; note: NoteCode }
  /** Something failed that the configuration says not to stop for. */
  | { type: "warning"; error: UpdaterError };

/** Shows or records events; never throws, never blocks the operation. */
export interface Reporter {
  event(event: Event): void;
}
