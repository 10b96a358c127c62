import { Command as Commander, CommanderError, InvalidArgumentError } from "commander";
import { UpdaterError } from "../errors.ts";
import type { Catalogue } from "../text/catalogue.ts";
import { type AnnounceFlags, announcing, askedOf } from "./announcing.ts";
import { addBackups } from "./backup-commands.ts";
import type { Choose, SupervisionFlags } from "./choose.ts";
import { type ChoiceFlags, choiceOf, choosing } from "./choosing.ts";
import type { Command } from "./command.ts";
import { addMoves } from "./moves.ts";
import { addScheduling } from "./scheduling.ts";
import { sentence } from "./sentence.ts";
import { addSettings } from "./settings-commands.ts";
import type { Supervised } from "./supervise.ts";
import { problemOf } from "./usage-problem.ts";

type CommandName = keyof Catalogue["cli"]["help"]["details"];

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
  const program = programOf(
    catalogue,
    output,
    (command, operation, { detach, foreground } = {}) => {
      const supervised = operation !== undefined && !foreground;
      chosen = {
        command,
        ...(supervised && { supervised: { operation, argv, detach: detach ?? false } }),
      };
    },
  );
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
  const given = program.opts<Partial<GlobalOptions>>();
  const options = {
    config: given.config ?? process.env["UPDATER_CONFIG"] ?? "updater.toml",
    json: given.json ?? false,
    verbose: given.verbose ?? false,
  };
  return chosen && { ...chosen, options };
}

/** The commands there are. Each loads when it is chosen: `--help` needs none of them. */
function programOf({ cli: { help } }: Catalogue, output: HelpOutput, choose: Choose): Commander {
  const { values } = help;
  const headings: Record<string, string> = {
    "Usage:": help.usage,
    "Arguments:": help.arguments,
    "Options:": help.options,
    "Global Options:": help.globalOptions,
    "Commands:": help.commands,
  };
  // Subcommands take these over from the program when they are made.
  const program = new Commander("updater")
    .description(help.program)
    .exitOverride()
    .configureOutput({ writeOut: (text) => output.asked(text), writeErr: () => undefined })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => headings[title] ?? title,
    })
    .usage(help.programUsage)
    .helpOption("-h, --help", help.help)
    .helpCommand(`help [${values.command}]`, help.helpCommand)
    .option(`--config <${values.file}>`, help.config)
    .option("--json", help.json)
    .option(`--lang <${values.language}>`, help.lang)
    .option("--verbose", help.verbose)
    .addHelpText("after", `\n${help.exitCodes}`);
  const add = (name: CommandName, usage = "") =>
    program
      .command(`${name} ${usage}`.trimEnd())
      .summary(help[name])
      .description(sentence(help[name]))
      .addHelpText("after", `\n${help.details[name]}`);

  const addOperation = (name: CommandName, usage = "") =>
    add(name, usage).option("--detach", help.detach).option("--foreground", help.foreground);

  addOperation("init", "[TAG]")
    .option(`--from-dump <${values.file}>`, help.fromDump)
    .action(async (tag: string | undefined, options: SupervisionFlags & { fromDump?: string }) =>
      choose(
        (await import("./init.ts")).initCommand(tag, options),
        `init ${tag ?? ""}`.trimEnd(),
        options,
      ),
    );
  add("versions")
    .option("--all", help.all)
    .action(async (options: { all?: true }) =>
      choose((await import("./versions.ts")).versionsCommand({ all: options.all ?? false })),
    );
  add("build", "<TAG>").action(async (tag: string) =>
    choose((await import("./build.ts")).buildCommand(tag)),
  );
  choosing(help, add("plan", "[TAG]")).action(async (tag: string | undefined, flags: ChoiceFlags) =>
    choose((await import("./plan.ts")).planCommand(choiceOf("plan", tag, flags))),
  );
  addMoves(help, addOperation, choose);
  addSettings(help, add("settings"), choose);
  announcing(help, add("announce", "[TEXT]")).action(
    async (text: string | undefined, flags: AnnounceFlags) => {
      const asked = askedOf(text, flags);
      choose((await import("./announce.ts")).announceCommand(asked));
    },
  );
  addBackups(help, { add, addOperation }, choose);
  add("attach").action(async () => choose((await import("./attach.ts")).attachCommand));
  add("doctor").action(async () => choose((await import("./doctor.ts")).doctorCommand));
  add("status")
    .option("--metrics", help.metrics)
    .action(async ({ metrics = false }: { metrics?: boolean }) =>
      choose((await import("./status.ts")).statusCommand({ metrics })),
    );
  add("slots").action(async () => choose((await import("./slots.ts")).slotsCommand));
  add("history").action(async () => choose((await import("./history.ts")).historyCommand));
  add("logs")
    .option("-f, --follow", help.follow)
    .option(`--tail <${values.lines}>`, help.tail, wholeNumber)
    .option(`--operation [${values.id}]`, help.operation)
    .action(async (options: { follow?: boolean; tail?: number; operation?: string | true }) =>
      choose((await import("./logs.ts")).logsCommand({ tail: 200, ...options })),
    );
  add("recover").action(async () => choose((await import("./recover.ts")).recoverCommand));
  add("exec", `<${values.command}...>`).action(async (words: string[]) =>
    choose((await import("./exec.ts")).execCommand(words)),
  );
  addScheduling(help, add, choose);
  addOperation("prune").action(async (flags: SupervisionFlags) =>
    choose((await import("./prune.ts")).pruneCommand, "prune", flags),
  );
  add("destroy")
    .option(`--yes <${values.instance}>`, help.destroyYes)
    .action(async (options: { yes?: string }) =>
      choose((await import("./destroy.ts")).destroyCommand(options)),
    );
  return program;
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("");
  return Number(text);
}
