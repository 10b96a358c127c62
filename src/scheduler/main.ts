/**
 * The program that runs BiomAid's jobs when they are due, and begins swaps at their moment. The engine keeps it
 * alive. It may be killed at any instant: what it has begun is written down, and runs in containers of their own.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { loadConfiguration } from "../config/load.ts";
import { connectEngine } from "../engine/connect.ts";
import { setRestartPolicy } from "../engine/containers.ts";
import { type Instance, instanceOf } from "../instance/instance.ts";
import type { EndedRun } from "../instance/job-book.ts";
import type { ScheduledSwap } from "../instance/schedule-book.ts";
import { asUpdaterError } from "../operations/known-error.ts";
import { workOff } from "../operations/jobs/work-off.ts";
import { attend, type Said } from "../operations/scheduled/attend.ts";
import { catalogueOf, languageOf } from "../text/catalogue.ts";
import { keptAlive } from "./container.ts";

/** Milliseconds until what failed is tried again. */
const retry = 10_000;
/** Milliseconds a site's own program may take. */
const reportLimit = 60_000;
/** What of a command's last words is kept, characters. */
const longestWords = 2_000;

const catalogue = catalogueOf(languageOf(process.env));
const [file = ""] = process.argv.slice(2);
process.on("SIGTERM", () => process.exit(143));

await setRestartPolicy(await connectEngine(), process.env["UPDATER_SCHEDULER"] ?? "", keptAlive);
const now = () => new Date();
const { signal } = new AbortController();
await Promise.all([
  // Neither waits for the other: a job may take an hour.
  forEver(async (instance) => await workOff(instance, { now, signal, ran })),
  forEver(async (instance) => {
    const report = async (swap: ScheduledSwap) => await tell(instance, swap);
    return await attend(instance, { now, run, report });
  }),
]);

/** @param look returns milliseconds until there may be something to do again */
async function forEver(look: (instance: Instance) => Promise<number>): Promise<never> {
  let before = "";
  for (;;) {
    let wait = retry;
    try {
      const configuration = await loadConfiguration(file);
      const quiet = { event: () => undefined };
      wait = await look(instanceOf(configuration, await connectEngine(), quiet));
      before = "";
    } catch (thrown) {
      const { what, next } = asUpdaterError(thrown).describe(catalogue);
      // An engine that is away, a configuration that is being edited: said once.
      if (what !== before) say(`${what} ${next}`);
      before = what;
    }
    await delay(wait);
  }
}

function ran({ kind, outcome, id }: EndedRun): void {
  say(`${kind}: ${catalogue.jobs.outcomes[outcome]} (${id})`);
}

/** The updater's own command, as a person would type it: it runs in an operator, which outlives us. */
async function run(argv: readonly string[]): Promise<Said> {
  say(`updater ${argv.join(" ")}`);
  const program = join(import.meta.dirname, "..", "cli.ts");
  const { exitCode, all, stdout } = await execa(
    process.execPath,
    [program, "--config", file, ...argv],
    { all: true, reject: false, stdin: "ignore" },
  );
  say(all);
  // A refusal is told beside the results.
  const words = stdout || (all.split("\n").at(-3) ?? "");
  return { exitCode: exitCode ?? 4, text: words.slice(0, longestWords) };
}

/** Tells the site's own program how a scheduled swap ended. */
async function tell(
  { name, configuration }: Instance,
  { tag, at, state, said }: ScheduledSwap,
): Promise<void> {
  const text = `${catalogue.scheduled.status({ tag, at, state })}${said === null ? "" : `\n${said}`}`;
  say(text);
  const program = configuration.scheduled.report;
  if (program === undefined) return;
  const { failed, all } = await execa(program, [], {
    all: true,
    reject: false,
    stdin: "ignore",
    timeout: reportLimit,
    env: {
      UPDATER_INSTANCE: name,
      UPDATER_TO: tag,
      UPDATER_AT: at,
      UPDATER_OUTCOME: state,
      UPDATER_TEXT: text,
      UPDATER_CONFIGURATION: configuration.file,
      // Ours, for programs of ours.
      NODE_COMPILE_CACHE: undefined,
    },
  });
  if (failed) say(`${program}: ${all}`);
}

function say(text: string): void {
  process.stdout.write(`${new Date().toISOString()} ${text}\n`);
}
