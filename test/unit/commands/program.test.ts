import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../../../src/commands/program.ts";
import { UpdaterError } from "../../../src/errors.ts";
import { catalogueOf, languages } from "../../../src/text/catalogue.ts";

const commands = Object.keys(catalogueOf("en").cli.help.details);

async function helpOf(language: (typeof languages)[number], ...argv: readonly string[]) {
  let asked = "";
  let unasked = "";
  const output = {
    asked: (text: string) => void (asked += text),
    unasked: (text: string) => void (unasked += text),
  };
  let problem: unknown;
  try {
    await parseCommandLine(argv, catalogueOf(language), output);
  } catch (error) {
    if (!(error instanceof UpdaterError && error.code === "usage")) throw error;
    problem = error.parameters;
  }
  return { asked, unasked, problem };
}

describe.each(languages)("help in %s", (language) => {
  const { help } = catalogueOf(language).cli;

  test("lists every command and the exit codes", async () => {
    const { asked } = await helpOf(language, "--help");
    for (const command of commands) expect(asked).toMatch(new RegExp(`^  ${command} `, "m"));
    expect(asked).toContain(help.exitCodes);
  });

  test.each(commands)("teaches %s", async (command) => {
    const { asked } = await helpOf(language, command, "--help");
    expect(asked).toContain(help.details[command as keyof typeof help.details]);
    expect((await helpOf(language, "help", command)).asked).toBe(asked);
  });
});

test("no English word of the library is left in the French help", async () => {
  for (const command of ["", ...commands]) {
    const { asked } = await helpOf("fr", ...(command ? [command] : []), "--help");
    expect(asked).not.toMatch(/usage:|commands:|arguments:|display|default|for command/i);
    const words = Object.values(catalogueOf("en").cli.help.values).filter(
      (word) => !Object.values<string>(catalogueOf("fr").cli.help.values).includes(word),
    );
    expect(asked).not.toMatch(new RegExp(`[[<](command|${words.join("|")})[\\]>.]`));
  }
});

test.each([
  [[], { kind: "noCommand" }],
  [["swpa"], { kind: "unknownCommand", given: "swpa", suggestion: "swap" }],
  [["help", "nope"], { kind: "unknownCommand", given: "nope" }],
  [["swap"], { kind: "missingArgument", given: "TAG", command: "swap" }],
  [
    ["rollback", "--accept-data-los"],
    { kind: "unknownOption", given: "--accept-data-los", suggestion: "--accept-data-loss" },
  ],
  [["destroy", "--yes"], { kind: "missingValue", given: "--yes <INSTANCE>", command: "destroy" }],
  [["logs", "--tail", "many"], { kind: "badValue", given: "--tail <LINES>", command: "logs" }],
  [["rehearse"], { kind: "missingArgument", given: "TAG", command: "rehearse" }],
  [["swap", "0.8.1", "--settings-only"], { kind: "conflict", given: "TAG, --settings-only" }],
  [["plan", "--local", "main"], { kind: "missingArgument", given: "TAG" }],
  [
    ["plan", "--local-only", "--settings-only"],
    { kind: "conflict", given: "--local-only, --settings-only" },
  ],
  [["swap", "0.8.1", "--at", "22:30", "--dry-run"], { kind: "conflict", given: "--at, --dry-run" }],
  [["swap", "0.8.1", "--at", "22:30", "--detach"], { kind: "conflict", given: "--at, --detach" }],
  [["adopt", "--restart-database"], { kind: "goesWith", given: "--restart-database, --switch" }],
  [["settings", "chek"], { kind: "unknownCommand", given: "chek", suggestion: "check" }],
  [["swap", "0.8.1", "0.8.2"], { kind: "excessArguments", given: "0.8.1, 0.8.2" }],
])("%j is a usage error with its facts", async (argv, facts) => {
  expect((await helpOf("en", ...argv)).problem).toMatchObject(facts);
});

test("without a command, help goes beside the error", async () => {
  const { asked, unasked } = await helpOf("en");
  expect(asked).toBe("");
  expect(unasked).toContain("Usage: updater");
});
