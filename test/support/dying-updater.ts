/**
 * The updater, which kills itself with SIGKILL at one exact moment, as an out-of-memory killer would:
 *
 *   DIE_AT=step-started:fence     the fence is in the journal, and nothing is done yet
 *   DIE_AT=step-finished:fence    it is done, and what comes next is not in the journal
 *   DIE_AFTER=300                 that many milliseconds after that moment, or after the start
 */
import { parseCommandLine } from "../../src/commands/program.ts";
import type { Event } from "../../src/instance/events.ts";
import { catalogueOf } from "../../src/text/catalogue.ts";

const { DIE_AT: moment, DIE_AFTER: after } = process.env;
const catalogue = catalogueOf("en");
const output = (text: string) => process.stdout.write(text);

const chosen = await parseCommandLine(process.argv.slice(2), catalogue, {
  asked: output,
  unasked: output,
});
if (!chosen) throw new Error("no command was given");
if (moment === undefined) die();
await chosen.command({
  configurationFile: chosen.options.config,
  language: "en",
  catalogue,
  json: true,
  verbose: false,
  signal: new AbortController().signal,
  hangUp: new AbortController().signal,
  reporter: { event: dieAt },
  print: (_, value) => void output(`${JSON.stringify(value)}\n`),
});
process.exit(0);

function dieAt(event: Event): void {
  const step = "step" in event ? event.step : "";
  if (`${event.type}:${step}` === moment) die();
}

function die(): void {
  const kill = () => process.kill(process.pid, "SIGKILL");
  if (after === undefined) kill();
  else setTimeout(kill, Number(after));
}
