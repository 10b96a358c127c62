import { targetText } from "../release/target.ts";
import type { CommandLine, SupervisionFlags } from "./command-line.ts";
import { addTargetOptions, type TargetFlags, targetOf } from "./target.options.ts";

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
    .action((tag: string | undefined, flags: RehearseFlags) => {
      const module = async () => await import("./rehearse.ts");
      if (flags.remove) return choose(async () => (await module()).removeRehearsalCommand);
      const target = targetOf("rehearse", tag, flags);
      const load = async () => (await module()).rehearseCommand(target, flags);
      return choose(load, `rehearse ${targetText(target)}`, flags);
    });
}
