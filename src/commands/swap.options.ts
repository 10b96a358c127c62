import { targetText } from "../release/target.ts";
import type { CommandLine, SupervisionFlags } from "./command-line.ts";
import { addTargetOptions, type TargetFlags, targetOf } from "./target.options.ts";

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
    .action((tag: string | undefined, { override = [], dryRun, at, ...flags }: SwapFlags) => {
      const target = targetOf("swap", tag, flags);
      if (at !== undefined) {
        const schedule = async () => await import("./scheduled.ts");
        return choose(async () => (await schedule()).scheduleSwapCommand(target, at, { override }));
      }
      if (dryRun)
        return choose(async () => (await import("./plan.ts")).planCommand(target, override));
      const load = async () => (await import("./swap.ts")).swapCommand(target, override);
      return choose(load, `swap ${targetText(target)}`, flags);
    });
}
