import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";

/** What a person types. */
const command = join(import.meta.dirname, "../../bin/updater");

/** A line of `--json`: an event, or how it all ended. */
export type UpdaterEvent = { readonly type: string; readonly step?: string } & Readonly<
  Record<string, unknown>
>;

/** How a run of the updater ended. */
export interface Operation {
  readonly exitCode: number | undefined;
  /** What it printed last. */
  readonly result: UpdaterEvent;
  /** Steps it began, in order. */
  readonly steps: readonly string[];
  /** Everything it said, to be shown when it did not end as expected. */
  readonly transcript: string;
}

/** Is told each event; may type Ctrl-C, or kill -9. */
type Watch = (event: UpdaterEvent, ctrlC: () => void, kill: () => void) => void;

/** The updater with one configuration: the one place where tests run it. */
export interface Updater {
  /** Starts it; how it ended is for the caller to judge. */
  run(...argv: readonly string[]): ReturnType<typeof start>;
  /** Runs it with `--json` to its end. */
  operate(argv: readonly string[], watch?: Watch): Promise<Operation>;
  /** What it prints last with `--json`. @throws Error with what it said, when it does not end with 0 */
  does<Result = UpdaterEvent>(...argv: readonly string[]): Promise<Result>;
}

interface UpdaterOptions {
  readonly program?: string;
  /** Ends it as Ctrl-C would. */
  readonly signal?: AbortSignal;
}

/** @param configuration an updater.toml */
export function updaterOf(
  configuration: string,
  { program = command, signal = new AbortController().signal }: UpdaterOptions = {},
): Updater {
  const run: Updater["run"] = (...argv) =>
    start(program, ["--config", configuration, ...argv], signal);
  const operate: Updater["operate"] = async (argv, watch) => {
    const running = run("--json", ...argv);
    const events: UpdaterEvent[] = [];
    for await (const line of createInterface({ input: running.stdout })) {
      const event = JSON.parse(line) as UpdaterEvent;
      events.push(event);
      const send = (name: "SIGINT" | "SIGKILL") => () => void running.kill(name);
      watch?.(event, send("SIGINT"), send("SIGKILL"));
    }
    const { exitCode, all } = await running;
    return {
      exitCode,
      result: events.at(-1) ?? { type: "nothing" },
      steps: events.flatMap(({ type, step }) => (type === "step-started" && step ? [step] : [])),
      transcript: `updater ${argv.join(" ")} ended with ${exitCode}:\n${all}`,
    };
  };
  return {
    run,
    operate,
    async does<Result>(...argv: readonly string[]) {
      const { exitCode, result, transcript } = await operate(argv);
      if (exitCode !== 0) throw new Error(transcript);
      return result as Result;
    },
  };
}

function start(program: string, argv: readonly string[], cancelSignal: AbortSignal) {
  return execa(program, argv, {
    reject: false,
    all: true,
    stdin: "ignore",
    env: { LC_ALL: "C" },
    cancelSignal,
    forceKillAfterDelay: 120_000,
  });
}
