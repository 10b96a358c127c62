/**
 * The program that runs BiomAid's jobs when they are due. The engine keeps it alive. It may be killed at any
 * instant: what it has begun is written down, and runs in containers of their own.
 */
import { setTimeout as delay } from "node:timers/promises";
import { loadConfiguration } from "../config/load.ts";
import { connectEngine } from "../engine/connect.ts";
import { setRestartPolicy } from "../engine/containers.ts";
import { instanceOf } from "../instance/instance.ts";
import type { EndedRun } from "../instance/job-book.ts";
import { asUpdaterError } from "../operations/known-error.ts";
import { workOff } from "../operations/jobs/work-off.ts";
import { catalogueOf, languageOf } from "../text/catalogue.ts";
import { keptAlive } from "./container.ts";

/** Milliseconds until what failed is tried again. */
const retry = 10_000;

const catalogue = catalogueOf(languageOf(process.env));
const [file = ""] = process.argv.slice(2);
process.on("SIGTERM", () => process.exit(143));

await setRestartPolicy(await connectEngine(), process.env["UPDATER_SCHEDULER"] ?? "", keptAlive);
for (let before = ""; ;) {
  let wait = retry;
  try {
    wait = await lookForWork();
    before = "";
  } catch (thrown) {
    const { what, next } = asUpdaterError(thrown).describe(catalogue);
    // An engine that is away, a configuration that is being edited: said once.
    if (what !== before) say(`${what} ${next}`);
    before = what;
  }
  await delay(wait);
}

async function lookForWork(): Promise<number> {
  const configuration = await loadConfiguration(file);
  const instance = instanceOf(configuration, await connectEngine(), { event: () => undefined });
  return await workOff(instance, {
    now: () => new Date(),
    signal: new AbortController().signal,
    ran,
  });
}

function ran({ kind, outcome, id }: EndedRun): void {
  say(`${kind}: ${catalogue.jobs.outcomes[outcome]} (${id})`);
}

function say(text: string): void {
  process.stdout.write(`${new Date().toISOString()} ${text}\n`);
}
