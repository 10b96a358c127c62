import { Command as Commander, CommanderError } from "commander";
import type { Command, Environment } from "./commands/command.ts";
import { asUpdaterError } from "./commands/operation-report.ts";
import { exit, type ExitCode, UpdaterError } from "./errors.ts";
import { jsonReporter } from "./reporters/json.ts";
import { textReporter } from "./reporters/text.ts";
import {
  catalogueOf,
  type Catalogue,
  type Language,
  languageOf,
  languages,
} from "./text/catalogue.ts";

/** Errors that say the command line or the configuration is wrong. */
const usageErrors = new Set<string>([
  "usage",
  "unknownLanguage",
  "configurationMissing",
  "configurationUnreadable",
  "configurationSyntax",
  "configurationInvalid",
  "tagRefused",
]);

interface GlobalOptions {
  readonly config: string;
  readonly json: boolean;
  readonly verbose: boolean;
}

interface Chosen {
  readonly command: Command;
  readonly options: GlobalOptions;
}

process.exit(await main(process.argv.slice(2)));

async function main(argv: readonly string[]): Promise<ExitCode> {
  const asked = askedLanguage(argv);
  const language = languages.find((known) => known === asked) ?? languageOf(process.env);
  const catalogue = catalogueOf(language);
  const json = argv.slice(0, argv.indexOf("--") + 1 || undefined).includes("--json");
  try {
    if (asked !== undefined && asked !== language) {
      throw new UpdaterError("unknownLanguage", { language: asked });
    }
    const chosen = await parse(argv, catalogue);
    return chosen === undefined ? exit.done : await run(chosen, language, catalogue);
  } catch (thrown) {
    return reportError(thrown, { catalogue, json, verbose: argv.includes("--verbose") });
  }
}

/** Help is printed in the language the same command line asks for. */
function askedLanguage(argv: readonly string[]): string | undefined {
  const index = argv.findIndex((argument) => /^--lang(=|$)/.test(argument));
  if (index === -1) return undefined;
  return argv[index]?.includes("=") ? argv[index].slice("--lang=".length) : (argv[index + 1] ?? "");
}

async function run(
  { command, options }: Chosen,
  language: Language,
  catalogue: Catalogue,
): Promise<ExitCode> {
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => interrupt.abort(new UpdaterError("interrupted", {})));
  }
  const environment: Environment = {
    configurationFile: options.config,
    language,
    catalogue,
    json: options.json,
    signal: interrupt.signal,
    reporter: options.json
      ? jsonReporter((line) => process.stdout.write(line))
      : textReporter({ catalogue, stream: process.stderr, verbose: options.verbose }),
    print(text, value) {
      process.stdout.write(`${options.json ? JSON.stringify(value) : text}\n`);
    },
  };
  return await command(environment);
}

/** Commands load when they are chosen: `--help` needs none of them. */
async function parse(argv: readonly string[], catalogue: Catalogue): Promise<Chosen | undefined> {
  const { help } = catalogue.cli;
  let chosen: Chosen | undefined;
  const program = new Commander("updater")
    .description(help.program)
    .option("--config <file>", help.config, process.env["UPDATER_CONFIG"] ?? "updater.toml")
    .option("--json", help.json, false)
    .option("--lang <language>", help.lang)
    .option("--verbose", help.verbose, false)
    .addHelpText("after", `\n${help.exitCodes}`)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  const choose = (command: Command) => {
    chosen = { command, options: program.opts<GlobalOptions>() };
  };
  const add = (usage: string, description: string) =>
    program
      .command(usage)
      .description(description)
      .exitOverride()
      .configureOutput({ writeErr: () => undefined });

  add("init [tag]", help.init)
    .option("--from-dump <file>", help.fromDump)
    .action(async (tag: string | undefined, options: { fromDump?: string }) =>
      choose((await import("./commands/init.ts")).initCommand(tag, options)),
    );
  add("versions", help.versions)
    .option("--all", help.all, false)
    .action(async (options: { all: boolean }) =>
      choose((await import("./commands/versions.ts")).versionsCommand(options)),
    );
  add("build <tag>", help.build).action(async (tag: string) =>
    choose((await import("./commands/build.ts")).buildCommand(tag)),
  );
  add("swap <tag>", help.swap).action(async (tag: string) =>
    choose((await import("./commands/swap.ts")).swapCommand(tag)),
  );
  add("rollback", help.rollback)
    .option("--accept-data-loss", help.acceptDataLoss, false)
    .action(async (options: { acceptDataLoss: boolean }) =>
      choose((await import("./commands/rollback.ts")).rollbackCommand(options)),
    );
  add("status", help.status).action(async () =>
    choose((await import("./commands/status.ts")).statusCommand),
  );
  add("history", help.history).action(async () =>
    choose((await import("./commands/history.ts")).historyCommand),
  );
  add("logs", help.logs)
    .option("-f, --follow", help.follow)
    .option("--tail <lines>", help.tail, "200")
    .option("--operation [id]", help.operation)
    .action(async (options: { follow?: boolean; tail: string; operation?: string | true }) =>
      choose((await import("./commands/logs.ts")).logsCommand(options)),
    );
  add("exec <command...>", help.exec).action(async (command: string[]) =>
    choose((await import("./commands/exec.ts")).execCommand(command)),
  );
  add("prune", help.prune).action(async () =>
    choose((await import("./commands/prune.ts")).pruneCommand),
  );
  add("destroy", help.destroy)
    .option("--yes <instance>", help.destroyYes)
    .action(async (options: { yes?: string }) =>
      choose((await import("./commands/destroy.ts")).destroyCommand(options)),
    );

  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    if (error.code === "commander.help") {
      process.stderr.write(`${program.helpInformation()}\n${help.exitCodes}\n`);
      throw new UpdaterError("usage", { message: catalogue.cli.noCommand }, error);
    }
    throw new UpdaterError("usage", { message: error.message.replace(/^error: /, "") }, error);
  }
  return chosen;
}

function reportError(
  thrown: unknown,
  { catalogue, json, verbose }: { catalogue: Catalogue; json: boolean; verbose: boolean },
): ExitCode {
  const error = asUpdaterError(thrown);
  const code = exitCodeOf(error);
  const { what, next } = error.describe(catalogue);
  const { errorLabel, stateLabel, nextLabel, production } = catalogue.cli;
  const state = code === exit.needsHuman ? undefined : production.unchanged;
  if (json) {
    const value = { code: error.code, what, next };
    process.stdout.write(`${JSON.stringify({ type: "error", exitCode: code, error: value })}\n`);
  } else {
    const lines = [`${errorLabel}: ${what}`];
    if (state && code === exit.refused) lines.push(`${stateLabel}: ${state}`);
    lines.push(`${nextLabel}: ${next}`);
    process.stderr.write(`${lines.join("\n")}\n`);
  }
  if (verbose && thrown instanceof Error) console.error(thrown);
  return code;
}

function exitCodeOf(error: UpdaterError): ExitCode {
  if (usageErrors.has(error.code)) return exit.usage;
  return error.code === "internal" ? exit.needsHuman : exit.refused;
}
