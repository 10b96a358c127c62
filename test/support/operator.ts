import type { Backups } from "../../src/backup/backups.ts";
import type { Snapshot } from "../../src/backup/snapshots.ts";
import type { RehearsalReport } from "../../src/rehearsal/report/model.ts";
import { updaterOf, type UpdaterEvent } from "./updater.ts";

/** How an operation ended, as `--json` prints it. */
export interface Ended {
  /** Milliseconds users waited; null when the gate never closed. */
  readonly hold: number | null;
  /** Milliseconds each step took. */
  readonly steps: Readonly<Record<string, number>>;
  /** Milliseconds the whole command took. */
  readonly took: number;
  /** Of a rehearsal. */
  readonly report?: RehearsalReport;
}

/** How a run of BiomAid's jobs ended, as `--json` prints it. */
export interface JobsRun {
  readonly tag: string;
  readonly outcome: string;
  readonly jobs: readonly { readonly name: string; readonly error: string | null }[];
}

/** The updater as its operator types it, with one configuration. */
export interface Operator {
  /** `init`, `swap` or `rollback`. @throws Error with what the updater said, when it did not end with 0 */
  operate(...argv: readonly string[]): Promise<Ended>;
  /** `rehearse`, whatever its verdict. @throws Error when it could not be carried out */
  rehearse(tag: string, ...argv: readonly string[]): Promise<RehearsalReport>;
  /** Tries settings: what is wrong with them, or null. @throws Error when they could not be tried */
  checkSettings(file: string): Promise<string | null>;
  /** What a program in the serving generation prints. */
  exec(...argv: readonly string[]): Promise<string>;
  /** Runs the jobs of one schedule, whatever becomes of them. @throws Error when they could not be run */
  runJobs(schedule: string): Promise<JobsRun>;
  /** `announce`: a text, or one of its options. */
  announce(what: string): Promise<void>;
  /** The newest first. */
  backups(): Promise<Pick<Backups, "backups"> & { readonly snapshots: readonly Snapshot[] }>;
  /** Tag of the serving generation. */
  servingTag(): Promise<string | undefined>;
  destroy(instance: string): Promise<void>;
}

export interface OperatorOptions {
  readonly configuration: string;
  /** Told what the updater does at the moment. */
  readonly progress: (doing: string) => void;
  /** Ends the updater as Ctrl-C would. */
  readonly signal: AbortSignal;
}

/** What it prints last, as far as it is looked at here. */
interface Said extends UpdaterEvent {
  readonly hold: number | null;
  readonly steps: Readonly<Record<string, number>>;
  readonly report?: RehearsalReport;
  readonly error?: { readonly what: string } | null;
}

export function operatorOf({ configuration, progress, signal }: OperatorOptions): Operator {
  const updater = updaterOf(configuration, { signal });

  /** Runs the updater to its end. */
  const run = async (...argv: readonly string[]) => {
    signal.throwIfAborted();
    const ended = await updater.operate(argv, ({ type, step }) => {
      if (type === "step-started") progress(`${argv[0]}: ${step}`);
    });
    signal.throwIfAborted();
    return { ...ended, said: ended.result as Said };
  };

  return {
    async operate(...argv) {
      const started = performance.now();
      const { exitCode, said, transcript } = await run(...argv);
      if (exitCode !== 0) throw new Error(transcript);
      return { hold: said.hold, steps: said.steps, took: performance.now() - started };
    },
    async rehearse(tag, ...argv) {
      const { said, transcript } = await run("rehearse", tag, ...argv);
      if (!said.report) throw new Error(transcript);
      return said.report;
    },
    async checkSettings(file) {
      const { said, transcript } = await run("settings", "check", "--settings", file);
      if (said.type !== "settings-checked") throw new Error(transcript);
      return said.error?.what ?? null;
    },
    async runJobs(schedule) {
      const { exitCode, result, transcript } = await run("jobs", "run", schedule);
      // With 3 it says which jobs failed.
      if (exitCode !== 0 && exitCode !== 3) throw new Error(transcript);
      return result as unknown as JobsRun;
    },
    async exec(...argv) {
      signal.throwIfAborted();
      const { exitCode, stdout, stderr } = await updater.run("exec", "--", ...argv);
      signal.throwIfAborted();
      if (exitCode === 0) return stdout;
      throw new Error(
        `updater exec -- ${argv[0]} … ended with ${exitCode}: ${stderr.slice(-2000)}`,
      );
    },
    async announce(what) {
      await updater.does("announce", what);
    },
    backups: async () => await updater.does("backups"),
    async servingTag() {
      // Whatever its exit code says of jobs that failed.
      const { result } = await updater.operate(["status"]);
      const { generations } = result as unknown as { generations: { role: string; tag: string }[] };
      return generations.find(({ role }) => role === "serving")?.tag;
    },
    async destroy(instance) {
      // What was interrupted is removed all the same.
      await updaterOf(configuration).does("destroy", "--yes", instance);
    },
  };
}
