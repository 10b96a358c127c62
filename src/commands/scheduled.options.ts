import { addUnder, type CommandLine } from "./command-line.ts";

export function addScheduled({ help, add, choose }: CommandLine): void {
  const scheduled = add("scheduled")
    .usage(help.programUsage)
    .action(() => choose(async () => (await import("./scheduled.ts")).scheduledCommand));
  addUnder(scheduled, `cancel [${help.values.id}]`, help.scheduledCancel).action((id?: string) =>
    choose(async () => (await import("./scheduled.ts")).cancelScheduledCommand(id)),
  );
}
