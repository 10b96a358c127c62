/**
 * The program that runs BiomAid's jobs when they are due, and begins swaps at their moment. The engine keeps it
 * alive. It may be killed at any instant: what it has begun is written down, and runs in containers of their own.
 */
import { setTimeout as delay } from "node:timers/promises";
import { loadConfiguration } from "../config/load.ts";
import { connectEngine } from "../engine/connect.ts";
import { setRestartPolicy } from "../engine/containers.ts";
import { type Instance, instanceOf } from "../instance/instance.ts";
import type { EndedRun } from "../jobs/job-history.ts";
import { asUpdaterError } from "../runner/known-error.ts";
import { runDueJobs } from "../jobs/run-due-jobs.ts";
import { advanceScheduledSwap } from "../scheduled/advance-scheduled-swap.ts";
import { outcomeText, notifyOutcome } from "../scheduled/notify-outcome.ts";
import { catalogueOf, languageOf } from "../text/catalogue.ts";
import { runUpdater } from "./run-command.ts";
import { programVersion } from "../supervision/program-version.ts";
import { keptAlive } from "../supervision/scheduler-container.ts";

/** Milliseconds until what failed is tried again. */
const retryMs = 10_000;
const version = await programVersion();
/** How many of the two loops are at work. */
let atWork = 0;

const catalogue = catalogueOf(languageOf(process.env));
const [file = ""] = process.argv.slice(2);
process.on("SIGTERM", () => process.exit(143));

await setRestartPolicy(await connectEngine(), process.env["UPDATER_SCHEDULER"] ?? "", keptAlive);
const now = () => new Date();
const { signal } = new AbortController();
await Promise.all([
  // Neither waits for the other: a job may take an hour.
  forEver(async (instance) => await runDueJobs(instance, { now, signal, ran })),
  forEver(async (instance) => {
    return await advanceScheduledSwap(instance, {
      now,
      async run(argv) {
        say(`updater ${argv.join(" ")}`);
        const said = await runUpdater(file, argv, catalogue);
        say(said.text);
        return said;
      },
      async tell(swap) {
        const text = outcomeText(swap, catalogue, instance.configuration);
        say(text);
        const undelivered = await notifyOutcome({ instance, swap, text, catalogue });
        for (const reason of undelivered) say(reason);
        return undelivered;
      },
    });
  }),
]);

/** @param look returns milliseconds until there may be something to do again */
async function forEver(look: (instance: Instance) => Promise<number>): Promise<never> {
  let before = "";
  for (;;) {
    let waitMs = retryMs;
    atWork++;
    try {
      const configuration = await loadConfiguration(file);
      const quiet = { event: () => undefined };
      waitMs = await look(instanceOf(configuration, await connectEngine(), quiet));
      before = "";
    } catch (thrown) {
      const { what, next } = asUpdaterError(thrown).describe(catalogue);
      // An engine that is away, a configuration that is being edited: said once.
      if (what !== before) say(`${what} ${next}`);
      before = what;
    }
    atWork--;
    await endIfReplaced();
    await delay(waitMs);
  }
}

/** The updater was upgraded: the engine starts what is there now, which reads what it writes. */
async function endIfReplaced(): Promise<void> {
  // While the new sources are being laid down, they are none yet.
  const present = await programVersion().catch(() => version);
  if (present === version || atWork > 0) return;
  say(catalogue.jobs.upgraded);
  process.exit(0);
}

function ran({ kind, outcome, id }: EndedRun): void {
  say(`${kind}: ${catalogue.jobs.outcomes[outcome]} (${id})`);
}

function say(text: string): void {
  process.stdout.write(`${new Date().toISOString()} ${text}\n`);
}
