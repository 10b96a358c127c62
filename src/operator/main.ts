/**
 * The program of the container an operation runs in: the same commands as on the command line, whose output
 * is messages. Started again after its death it recovers what it had begun, and does nothing else.
 */
import { text } from "node:stream/consumers";
import { askedLanguage, parseCommandLine } from "../commands/program.ts";
import type { Environment } from "../commands/command.ts";
import { connectEngine } from "../engine/connect.ts";
import { setRestartPolicy } from "../engine/containers.ts";
import { exit, type ExitCode, isError, UpdaterError } from "../errors.ts";
import { asUpdaterError } from "../runner/known-error.ts";
import { catalogueOf, languageOf, languages } from "../text/catalogue.ts";
import { isUnfinished, recoverOwn } from "./recover-own.ts";
import { lineOf, type Message } from "../supervision/operator-message.ts";

const say = (message: Message) => void process.stdout.write(lineOf(message));

const life = Number(process.env["UPDATER_LIFE"]);
const again = life > 1;
const interrupt = new AbortController();
process.on("SIGINT", () => interrupt.abort(new UpdaterError("interrupted", {})));
// The engine stops: nothing can be undone now, and everything once it starts this again.
process.on("SIGTERM", () => process.exit(143));

try {
  process.chdir(process.env["UPDATER_FOLDER"] ?? "/");
} catch (error) {
  // Gone, or not mounted yet: what was begun is ended from the journal, which needs no folder.
  if (!again) throw error;
}
// A second life is sent nothing.
if (!again) {
  const own = Object.entries(process.env).filter(([name]) => /^UPDATER_(?!CONFIG$)/.test(name));
  const sent = JSON.parse(await text(process.stdin)) as typeof process.env;
  // What a hook of another site's operation was told must not be taken for our own.
  Object.assign(process.env, sent, Object.fromEntries(own));
  await setOwnPolicy("unless-stopped");
}
say({ message: "begun" });
const exitCode = await run(process.argv.slice(2));
if (exitCode !== undefined) say({ message: "ended", exitCode });
// An engine that does not answer starts it again when it is back, and is told then.
await setOwnPolicy("no").catch(() => undefined);
process.exit(0);

/** Perhaps the engine was away: it is tried once more from the journal. */
function startAgain(): never {
  say({ message: "starting-again" });
  process.exit(1);
}

/** What nobody has refused: the engine or the database broke off, in the middle of anything. What else is wrong stays so. */
function isAccident(error: UpdaterError): boolean {
  const accidents = ["engineUnreachable", "engineRefuses", "databaseRefuses"] as const;
  return isError(error, ...accidents, ...(again ? [] : (["internal"] as const)));
}

async function setOwnPolicy(policy: "no" | "unless-stopped"): Promise<void> {
  await setRestartPolicy(await connectEngine(), process.env["UPDATER_OPERATOR"] ?? "", policy);
}

/** @returns nothing when it was killed too often to try once more */
async function run(argv: readonly string[]): Promise<ExitCode | undefined> {
  const asked = askedLanguage(argv);
  const language = languages.find((known) => known === asked) ?? languageOf(process.env);
  const catalogue = catalogueOf(language);
  let environment: Environment | undefined;
  try {
    const chosen = await parseCommandLine(argv, catalogue, {
      asked: () => undefined,
      unasked: () => undefined,
    });
    if (!chosen) return exit.usage;
    environment = {
      configurationFile: chosen.options.config,
      language,
      catalogue,
      json: false,
      verbose: true,
      signal: interrupt.signal,
      hangUp: new AbortController().signal,
      reporter: { event: (event) => say({ message: "event", event }) },
      print: (text, value) => say({ message: "printed", text, value }),
    };
    if (again) return await recoverOwn(environment);
    const code = (await chosen.command(environment)) ?? exit.done;
    if (code === exit.needsHuman && (await isUnfinished(environment))) startAgain();
    return code;
  } catch (thrown) {
    const error = asUpdaterError(thrown);
    if (environment && isAccident(error) && (await isUnfinished(environment))) startAgain();
    const { stack = "" } = error.cause instanceof Error ? error.cause : error;
    for (const line of argv.includes("--verbose") ? stack.split("\n") : []) {
      say({ message: "event", event: { type: "output", source: "supervision", line } });
    }
    say({ message: "refused", error });
    // Who reads it gives it the exit code that belongs to it.
    return exit.refused;
  }
}
