import type { Command as Commander, CommanderError } from "commander";
import type { ErrorParameters } from "../errors.ts";

type UsageProblem = ErrorParameters<"usage">;

const kinds: Readonly<Record<string, UsageProblem["kind"]>> = {
  "commander.unknownCommand": "unknownCommand",
  "commander.unknownOption": "unknownOption",
  "commander.missingArgument": "missingArgument",
  "commander.optionMissingArgument": "missingValue",
  "commander.invalidArgument": "badValue",
  "commander.excessArguments": "excessArguments",
  "commander.conflictingOption": "conflict",
};

/** The facts of an error of the library, whose own words are English. */
export function problemOf(
  { code, message }: CommanderError,
  program: Commander,
  argv: readonly string[],
): UsageProblem {
  const names = program.commands.map((command) => command.name());
  const command = argv.find((argument) => names.includes(argument));
  const kind = kinds[code];
  if (kind === undefined) {
    // Help for what is no command: `updater help nope`.
    const given = argv[argv.indexOf("help") + 1];
    return argv.includes("help") && given !== undefined
      ? { kind: "unknownCommand", given }
      : { kind: "noCommand", given: "" };
  }
  const suggestion = /\(Did you mean (?:one of )?([^,?]+)/.exec(message)?.[1];
  const quoted = [...message.matchAll(/'([^']*)'/g)].map(([, words = ""]) => words);
  const given =
    kind === "excessArguments"
      ? /got \d+: (.*)\.$/s.exec(message)?.[1]
      : kind === "conflict"
        ? quoted.map((option) => option.replace(/ .*/, "")).join(", ")
        : quoted[0];
  return { kind, given: given ?? "", suggestion, command };
}
