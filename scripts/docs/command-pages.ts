import type { Command } from "commander";
import { programOf } from "../../src/commands/program.ts";
import { catalogueOf } from "../../src/text/catalogue.ts";
import { fenced, markdownTable, type Parts } from "./markdown.ts";

const catalogue = catalogueOf("en");
const { help } = catalogue.cli;
const program = programOf(
  catalogue,
  { asked: () => undefined, unasked: () => undefined },
  () => undefined,
);
const tool = program.createHelp();

/** What `--help` says, as a page for each command and an index of them: parts by the file they belong to. */
export function commandPages(): Record<string, Parts> {
  const pages = program.commands.map((command) => {
    const name = command.name();
    return [`docs/commands/${name}.md`, { [name]: pageOf(command) }] as const;
  });
  const index = {
    commands: indexOfCommands(),
    options: optionsOf(program),
    "exit codes": exitCodes(),
  };
  return { ...Object.fromEntries(pages), "docs/commands/README.md": index };
}

function indexOfCommands(): string {
  const rows = program.commands.map((command) => [
    `[\`${command.name()}\`](${command.name()}.md)`,
    command.summary(),
  ]);
  return markdownTable(["command", "what it does"], rows);
}

/** The exit codes of all commands, as a table. */
export function exitCodes(): string {
  const rows = [...help.exitCodes.matchAll(/^ +(\d) +(.+)$/gm)].map(
    ([, code = "", meaning = ""]) => [code, meaning],
  );
  return markdownTable(["code", "meaning"], rows);
}

function pageOf(command: Command): string {
  const name = command.name() as keyof typeof help.details;
  return [
    `# \`updater ${name}\``,
    ...usageOf(command),
    ...command.commands.flatMap((sub) => [`## \`updater ${name} ${sub.name()}\``, ...usageOf(sub)]),
    ...(command.commands.length > 0 ? [`## What \`updater ${name}\` does`] : []),
    proseOf(help.details[name]),
  ].join("\n\n");
}

function usageOf(command: Command): string[] {
  const usage = tool.commandUsage(command);
  const options = command.options.length > 0 ? [optionsOf(command)] : [];
  return [command.description(), fenced(usage), ...options];
}

function optionsOf({ options }: Command): string {
  const rows = options.map(({ flags, description }) => [`\`${flags}\``, description]);
  return markdownTable(["option", "what it means"], rows);
}

/** A text of the terminal as Markdown: what is indented there is a list, or commands. */
function proseOf(text: string): string {
  return text.split("\n\n").map(paragraphOf).join("\n\n");
}

function paragraphOf(paragraph: string): string {
  const lines = paragraph.split("\n");
  const from = lines.findIndex((line) => /^ {2}(?!\d+\. )/.test(line));
  const isList = lines.some((line) => /^ {2}\d+\. /.test(line));
  if (from === -1 || isList) return paragraph;
  const commands = lines.slice(from).map((line) => line.trim());
  return [...lines.slice(0, from), "", fenced(commands.join("\n"))].join("\n");
}
