import { InvalidArgumentError } from "commander";
import type { CommandLine } from "./command-line.ts";

interface LogsFlags {
  readonly follow?: true;
  readonly tail?: number;
  readonly operation?: string | true;
}

export function addLogs({ help, add, choose }: CommandLine): void {
  add("logs")
    .option("-f, --follow", help.follow)
    .option(`--tail <${help.values.lines}>`, help.tail, wholeNumber)
    .option(`--operation [${help.values.id}]`, help.operation)
    .action(async (flags: LogsFlags) =>
      choose((await import("./logs.ts")).logsCommand({ tail: 200, ...flags })),
    );
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("");
  return Number(text);
}
