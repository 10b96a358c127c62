import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { createServer } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import type { Backups } from "../../src/backup/backups.ts";
import type { Snapshot } from "../../src/backup/snapshots.ts";
import type { RehearsalReport } from "../../src/rehearsal/report/model.ts";

const command = join(import.meta.dirname, "..", "..", "bin/updater");

/** How an operation ended, as `--json` prints it. */
export interface Ended {
  /** Milliseconds users waited; null when the gate never closed. */
  readonly hold: number | null;
  /** Milliseconds each step took. */
  readonly steps: Readonly<Record<string, number>>;
  /** Milliseconds the whole command took. */
  readonly took: number;
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

type Said =
  | { type: "step-started"; step: string }
  | {
      type: "result";
      hold: number | null;
      steps: Record<string, number>;
      report?: RehearsalReport;
      jobs?: JobsRun["jobs"];
      tag?: string;
      outcome?: string;
      error?: { what: string };
    }
  | { type: "settings-checked"; error: { what: string } | null }
  | { type: "error"; error: { what: string } }
  | { type: "other" };

export function operatorOf({ configuration, progress, signal }: OperatorOptions): Operator {
  const updater = (argv: readonly string[], cancelSignal?: AbortSignal) =>
    execa(command, ["--config", configuration, ...argv], {
      reject: false,
      stdin: "ignore",
      env: { LC_ALL: "C" },
      ...(cancelSignal && { cancelSignal, forceKillAfterDelay: 120_000 }),
    });

  /** Runs the updater to its end; `last` is what it printed last. */
  const run = async (argv: readonly string[]) => {
    signal.throwIfAborted();
    const running = updater(["--json", ...argv], signal);
    let last: Said = { type: "other" };
    for await (const line of createInterface({ input: running.stdout })) {
      last = JSON.parse(line) as Said;
      if (last.type === "step-started") progress(`${argv[0]}: ${last.step}`);
    }
    const { exitCode, stderr } = await running;
    signal.throwIfAborted();
    return { exitCode, last, error: "error" in last ? last.error?.what : stderr };
  };

  return {
    async operate(...argv) {
      const started = performance.now();
      const { exitCode, last, error } = await run(argv);
      if (exitCode === 0 && last.type === "result") {
        return { hold: last.hold, steps: last.steps, took: performance.now() - started };
      }
      throw new Error(`updater ${argv.join(" ")} ended with ${exitCode}: ${error}`);
    },
    async rehearse(tag, ...argv) {
      const { exitCode, last, error } = await run(["rehearse", tag, ...argv]);
      if (last.type === "result" && last.report) return last.report;
      throw new Error(`updater rehearse ${tag} ended with ${exitCode}: ${error}`);
    },
    async checkSettings(file) {
      const { exitCode, last, error } = await run(["settings", "check", "--settings", file]);
      if (last.type === "settings-checked") return last.error?.what ?? null;
      throw new Error(`updater settings check ended with ${exitCode}: ${error}`);
    },
    async runJobs(schedule) {
      const { exitCode, last, error } = await run(["jobs", "run", schedule]);
      if (last.type === "result" && last.jobs && last.tag && last.outcome) {
        return { tag: last.tag, outcome: last.outcome, jobs: last.jobs };
      }
      throw new Error(`updater jobs run ${schedule} ended with ${exitCode}: ${error}`);
    },
    async exec(...argv) {
      signal.throwIfAborted();
      const { exitCode, stdout, stderr } = await updater(["exec", "--", ...argv], signal);
      signal.throwIfAborted();
      if (exitCode === 0) return stdout;
      throw new Error(
        `updater exec -- ${argv[0]} … ended with ${exitCode}: ${stderr.slice(-2000)}`,
      );
    },
    async announce(what) {
      const { exitCode, error } = await run(["announce", what]);
      if (exitCode !== 0) throw new Error(`updater announce ended with ${exitCode}: ${error}`);
    },
    async backups() {
      const { stdout } = await updater(["--json", "backups"]);
      // Before it come the events of asking for snapshots.
      const last = stdout.trim().split("\n").at(-1) ?? "";
      return JSON.parse(last) as Awaited<ReturnType<Operator["backups"]>>;
    },
    async servingTag() {
      const { stdout } = await updater(["--json", "status"]);
      const { generations } = JSON.parse(stdout) as {
        generations: { role: string; tag: string }[];
      };
      return generations.find(({ role }) => role === "serving")?.tag;
    },
    async destroy(instance) {
      const { exitCode, stderr } = await updater(["destroy", "--yes", instance]);
      if (exitCode !== 0) throw new Error(`updater destroy ended with ${exitCode}: ${stderr}`);
    },
  };
}

/** A port that nobody listens on, below those that connections get by themselves. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = createServer().listen(port, "127.0.0.1");
    const isFree = await once(server, "listening").then(
      () => true,
      () => false,
    );
    await new Promise((resolve) => server.close(resolve));
    if (isFree) return port;
  }
}
