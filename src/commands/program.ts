import { Command as Commander, CommanderError, InvalidArgumentError } from "commander";
import wrapAnsi from "wrap-ansi";
import { UpdaterError } from "../errors.ts";
import type { Catalogue } from "../text/catalogue.ts";
import { addAdopt } from "./adopt.options.ts";
import { addAnnounce } from "./announce.options.ts";
import { addInit } from "./init.options.ts";
import { addJobs } from "./jobs.options.ts";
import { addRehearse } from "./rehearse.options.ts";
import { addRestore } from "./restore.options.ts";
import { addRollback } from "./rollback.options.ts";
import { addScheduled } from "./scheduled.options.ts";
import { addSettings } from "./settings.options.ts";
import { addSwap } from "./swap.options.ts";
import { addTargetOptions, type TargetFlags, targetOf } from "./target.options.ts";
import type { Command } from "./command.ts";
import {
  type CommandLine,
  type CommandName,
  sentence,
  type SupervisionFlags,
} from "./command-line.ts";
import type { LogOptions } from "./logs.ts";
import type { Supervised } from "./supervise.ts";
import { problemOf } from "./usage-problem.ts";

interface GlobalOptions {
  readonly config: string;
  readonly json: boolean;
  readonly verbose: boolean;
}

export interface Chosen {
  readonly command: Command;
  /** An operation that is not to depend on the process that asks for it. */
  readonly supervised?: Supervised;
  readonly options: GlobalOptions;
}

/** Where help goes: to standard output when asked for, beside an error otherwise. */
export interface HelpOutput {
  asked(text: string): void;
  unasked(text: string): void;
}

/** Help is printed in the language the same command line asks for. */
export function askedLanguage(argv: readonly string[]): string | undefined {
  const index = argv.findIndex((argument) => /^--lang(=|$)/.test(argument));
  if (index === -1) return undefined;
  return argv[index]?.includes("=") ? argv[index].slice("--lang=".length) : (argv[index + 1] ?? "");
}

/**
 * What a command line asks for; undefined when it asked for help, which is then printed.
 * @throws UpdaterError `usage`
 */
export async function parseCommandLine(
  argv: readonly string[],
  catalogue: Catalogue,
  output: HelpOutput,
): Promise<Chosen | undefined> {
  let chosen: Omit<Chosen, "options"> | undefined;
  const program = programOf(catalogue, output, (load, operation, { detach, foreground } = {}) => {
    const supervised = operation !== undefined && !foreground;
    chosen = {
      command: async (environment) => await (await load())(environment),
      ...(supervised && { supervised: { operation, argv, detach: detach ?? false } }),
    };
  });
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    const problem = problemOf(error, program, argv);
    if (problem.kind === "noCommand") {
      output.unasked(`${program.helpInformation()}\n${catalogue.cli.help.exitCodes}\n`);
    }
    throw new UpdaterError("usage", problem, error);
  }
  const {
    config = process.env["UPDATER_CONFIG"] ?? "updater.toml",
    json = false,
    verbose = false,
  } = program.opts<Partial<GlobalOptions>>();
  return chosen && { ...chosen, options: { config, json, verbose } };
}

/** The program with its commands; those whose options take more than a line have a file of their own for them. */
// oxlint-disable-next-line max-lines-per-function -- a list, in the order in which help shows them
export function programOf(
  { cli: { help } }: Catalogue,
  output: HelpOutput,
  choose: CommandLine["choose"],
): Commander {
  const program = emptyProgram(help, output);
  const add = (name: CommandName, usage = "") =>
    program
      .command(`${name} ${usage}`.trimEnd())
      .summary(help[name])
      .description(sentence(help[name]))
      .addHelpText("after", `\n${help.details[name]}`);
  const addOperation = (name: CommandName, usage = "") =>
    add(name, usage).option("--detach", help.detach).option("--foreground", help.foreground);
  const line: CommandLine = { help, add, addOperation, choose };

  addAdopt(line);
  addInit(line);
  add("versions")
    .option("--all", help.all)
    .action((options: { all?: true }) =>
      choose(async () => (await import("./versions.ts")).versionsCommand(options)),
    );
  add("build", "<TAG>").action((tag: string) =>
    choose(async () => (await import("./build.ts")).buildCommand(tag)),
  );
  addTargetOptions(line, add("plan", "[TAG]")).action(
    (tag: string | undefined, flags: TargetFlags) => {
      const target = targetOf("plan", tag, flags);
      choose(async () => (await import("./plan.ts")).planCommand(target));
    },
  );
  addRehearse(line);
  addSwap(line);
  addRollback(line);
  addSettings(line);
  addAnnounce(line);
  addOperation("backup").action((flags: SupervisionFlags) =>
    choose(async () => (await import("./backup.ts")).backupCommand, "backup", flags),
  );
  add("backups").action(() => choose(async () => (await import("./backups.ts")).backupsCommand));
  addRestore(line);
  add("attach").action(() => choose(async () => (await import("./attach.ts")).attachCommand));
  add("doctor").action(() => choose(async () => (await import("./doctor.ts")).doctorCommand));
  add("status")
    .option("--metrics", help.metrics)
    .action((options: { metrics?: true }) =>
      choose(async () => (await import("./status.ts")).statusCommand(options)),
    );
  add("slots").action(() => choose(async () => (await import("./slots.ts")).slotsCommand));
  add("history").action(() => choose(async () => (await import("./history.ts")).historyCommand));
  add("logs")
    .option("-f, --follow", help.follow)
    .option(`--tail <${help.values.lines}>`, help.tail, wholeNumber)
    .option(`--operation [${help.values.id}]`, help.operation)
    .action((options: LogOptions) =>
      choose(async () => (await import("./logs.ts")).logsCommand(options)),
    );
  add("recover").action(() => choose(async () => (await import("./recover.ts")).recoverCommand));
  add("relocate").action(() => choose(async () => (await import("./relocate.ts")).relocateCommand));
  add("exec", `<${help.values.command}...>`).action((words: string[]) =>
    choose(async () => (await import("./exec.ts")).execCommand(words)),
  );
  addScheduled(line);
  addJobs(line);
  addOperation("prune").action((flags: SupervisionFlags) =>
    choose(async () => (await import("./prune.ts")).pruneCommand, "prune", flags),
  );
  add("destroy")
    .option(`--yes <${help.values.instance}>`, help.destroyYes)
    .action((options: { yes?: string }) =>
      choose(async () => (await import("./destroy.ts")).destroyCommand(options)),
    );
  return program;
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("");
  return Number(text);
}

/** Subcommands take the settings over from the program when they are made. */
function emptyProgram(help: CommandLine["help"], output: HelpOutput): Commander {
  const { values } = help;
  const headings: Record<string, string> = {
    "Usage:": help.usage,
    "Arguments:": help.arguments,
    "Options:": help.options,
    "Global Options:": help.globalOptions,
    "Commands:": help.commands,
  };
  return new Commander("updater")
    .description(help.program)
    .exitOverride()
    .configureOutput({ writeOut: (text) => output.asked(text), writeErr: () => undefined })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => headings[title] ?? title,
      // Its own breaks lines at spaces that French does not want broken.
      boxWrap: (text, width) => wrapAnsi(text, width),
    })
    .usage(help.programUsage)
    .helpOption("-h, --help", help.help)
    .helpCommand(`help [${values.command}]`, help.helpCommand)
    .option(`--config <${values.file}>`, help.config)
    .option("--json", help.json)
    .option(`--lang <${values.language}>`, help.lang)
    .option("--verbose", help.verbose)
    .addHelpText("after", `\n${help.exitCodes}`);
}
