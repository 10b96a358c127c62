import type { Command as Commander } from "commander";
import { UpdaterError } from "../errors.ts";
import { type Target, targetText } from "../release/target.ts";
import type { CommandLine, SupervisionFlags } from "./command-line.ts";

/** What may stand for a tag: what is serving, with something new of the site's own. */
interface TargetFlags {
  readonly local?: string;
  readonly localOnly?: string | true;
  readonly settingsOnly?: true;
}

function addTargetOptions({ help }: CommandLine, command: Commander): Commander {
  const { ref } = help.values;
  return command
    .option(`--local <${ref}>`, help.local)
    .option(`--local-only [${ref}]`, help.localOnly)
    .option("--settings-only", help.settingsOnly);
}

/** @throws UpdaterError `usage` unless exactly one thing is asked for */
function targetOf(
  command: string,
  tag: string | undefined,
  { local, localOnly, settingsOnly }: TargetFlags,
): Target {
  const asked = [
    ...(tag === undefined ? [] : ["TAG"]),
    ...(localOnly === undefined ? [] : ["--local-only"]),
    ...(settingsOnly === undefined ? [] : ["--settings-only"]),
    ...(local !== undefined && (localOnly ?? settingsOnly) !== undefined ? ["--local"] : []),
  ];
  if (asked.length > 1) {
    throw new UpdaterError("usage", { kind: "conflict", given: asked.join(", "), command });
  }
  if (settingsOnly) return { kind: "settings-only" };
  if (localOnly !== undefined) {
    return { kind: "local-only", local: localOnly === true ? undefined : localOnly };
  }
  if (tag !== undefined) return { kind: "tag", tag, local };
  throw new UpdaterError("usage", { kind: "missingArgument", given: "TAG", command });
}

export function addPlan(line: CommandLine): void {
  addTargetOptions(line, line.add("plan", "[TAG]")).action(
    async (tag: string | undefined, flags: TargetFlags) =>
      line.choose((await import("./plan.ts")).planCommand(targetOf("plan", tag, flags))),
  );
}

interface RehearseFlags extends SupervisionFlags, TargetFlags {
  readonly keep?: true;
  readonly report?: string;
  readonly remove?: true;
}

export function addRehearse(line: CommandLine): void {
  const { help, choose } = line;
  addTargetOptions(line, line.addOperation("rehearse", "[TAG]"))
    .option("--keep", help.keep)
    .option(`--report <${help.values.file}>`, help.report)
    .option("--remove", help.removeRehearsal)
    .action(async (tag: string | undefined, flags: RehearseFlags) => {
      const { rehearseCommand, removeRehearsalCommand } = await import("./rehearse.ts");
      if (flags.remove) return choose(removeRehearsalCommand);
      const target = targetOf("rehearse", tag, flags);
      return choose(rehearseCommand(target, flags), `rehearse ${targetText(target)}`, flags);
    });
}

interface SwapFlags extends SupervisionFlags, TargetFlags {
  readonly override?: string[];
  readonly dryRun?: true;
  readonly at?: string;
}

export function addSwap(line: CommandLine): void {
  const { help, choose } = line;
  const swap = addTargetOptions(line, line.addOperation("swap", "[TAG]"));
  swap
    .option(
      `--override <${help.values.name}>`,
      help.override,
      (name: string, earlier: string[] | undefined) => [...(earlier ?? []), name],
    )
    .option("--dry-run", help.dryRun)
    .addOption(
      swap
        .createOption(`--at <${help.values.moment}>`, help.at)
        .conflicts(["dryRun", "detach", "foreground"]),
    )
    .action(async (tag: string | undefined, { override = [], dryRun, at, ...flags }: SwapFlags) => {
      const target = targetOf("swap", tag, flags);
      if (at !== undefined) {
        const { scheduleSwapCommand } = await import("./scheduled.ts");
        return choose(scheduleSwapCommand(target, at, override));
      }
      if (dryRun) return choose((await import("./plan.ts")).planCommand(target, override));
      const { swapCommand } = await import("./swap.ts");
      return choose(swapCommand(target, override), `swap ${targetText(target)}`, flags);
    });
}
