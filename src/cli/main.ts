import { inspect } from "node:util";
import type { Environment } from "../commands/command.ts";
import { askedLanguage, type Chosen, parseCommandLine } from "../commands/program.ts";
import type { Result } from "../commands/results.ts";
import { exit, type ExitCode, UpdaterError } from "../errors.ts";
import { asUpdaterError } from "../runner/known-error.ts";
import { printable } from "../lib/printable.ts";
import { jsonReporter } from "./json-reporter.ts";
import { TextReporter } from "./terminal-reporter.ts";
import {
  catalogueOf,
  type Catalogue,
  type Language,
  languageOf,
  languages,
} from "../text/catalogue.ts";

// The reader of our output may be gone (`| head`, a lost terminal): no reason to leave an operation half done.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

process.exit(await main(process.argv.slice(2)));

async function main(argv: readonly string[]): Promise<ExitCode> {
  // What comes after -- is for the program that `exec` runs.
  const own = argv.slice(0, argv.indexOf("--") + 1 || undefined);
  const asked = askedLanguage(own);
  const language = languages.find((known) => known === asked) ?? languageOf(process.env);
  const catalogue = catalogueOf(language);
  const json = own.includes("--json");
  try {
    if (asked !== undefined && asked !== language) {
      throw new UpdaterError("unknownLanguage", { language: asked });
    }
    const chosen = await parseCommandLine(argv, catalogue, {
      asked: (text) => process.stdout.write(text),
      unasked: (text) => process.stderr.write(text),
    });
    return chosen === undefined ? exit.done : await run(chosen, language, catalogue);
  } catch (thrown) {
    return reportError(thrown, { catalogue, json, verbose: own.includes("--verbose") });
  }
}

async function run(
  { command, options, supervised }: Chosen,
  language: Language,
  catalogue: Catalogue,
): Promise<ExitCode> {
  const interrupt = new AbortController();
  const hangUp = new AbortController();
  const interrupted = () => interrupt.abort(new UpdaterError("interrupted", {}));
  process.on("SIGINT", interrupted).on("SIGTERM", interrupted);
  process.on("SIGHUP", () => {
    hangUp.abort();
    interrupted();
  });
  const environment: Environment = {
    configurationFile: options.config,
    language,
    catalogue,
    json: options.json,
    verbose: options.verbose,
    signal: interrupt.signal,
    hangUp: hangUp.signal,
    reporter: options.json
      ? jsonReporter((line) => process.stdout.write(line))
      : new TextReporter({ catalogue, stream: process.stderr, verbose: options.verbose }),
    print(text, value) {
      process.stdout.write(`${options.json ? JSON.stringify(value) : printable(text)}\n`);
    },
  };
  if (!supervised) return (await command(environment)) ?? exit.done;
  const { supervise } = await import("../commands/supervise.ts");
  return (await supervise(command, supervised)(environment)) ?? exit.done;
}

function reportError(
  thrown: unknown,
  { catalogue, json, verbose }: { catalogue: Catalogue; json: boolean; verbose: boolean },
): ExitCode {
  const error = asUpdaterError(thrown);
  const code = error.exitCode;
  const { what, next } = error.describe(catalogue);
  const { errorLabel, stateLabel, nextLabel, production } = catalogue.cli;
  if (json) {
    const result: Result = {
      type: "error",
      exitCode: code,
      error: { code: error.code, what, next },
    };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } else {
    const lines = [`${errorLabel}${what}`];
    if (code === exit.refused) lines.push(`${stateLabel}${production.unchanged}`);
    if (code === exit.needsHuman) lines.push(`${stateLabel}${production.unknown}`);
    lines.push(`${nextLabel}${next}`);
    process.stderr.write(`${printable(lines.join("\n"))}\n`);
  }
  if (verbose && thrown instanceof Error) process.stderr.write(`${printable(inspect(thrown))}\n`);
  return code;
}
