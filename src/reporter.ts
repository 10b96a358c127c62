/** What an operation tells while it runs; every reporter (terminal, plain, JSON) shows these same events. */
export type Event =
  | {
      type: "operation-started";
      operation: string;
      instance: string;
      from: string | null;
      to: string;
    }
  | { type: "step-started"; step: string }
  | { type: "step-finished"; step: string; milliseconds: number }
  | { type: "step-failed"; step: string; milliseconds: number }
  | { type: "step-undone"; step: string }
  | { type: "progress"; step: string; done: number; total: number; unit: "bytes" | "migrations" }
  | { type: "migration-started"; migration: string }
  | { type: "migration-finished"; migration: string; milliseconds: number }
  | { type: "hold-started" }
  | { type: "hold-finished"; milliseconds: number }
  /** A line of a program we run (build, migration, hook): for the operation's log, shown when it fails. */
  | { type: "output"; source: "build" | "application" | "database" | "hook"; line: string };

/** Shows or records events; never throws, never blocks the operation. */
export interface Reporter {
  event(event: Event): void;
}
