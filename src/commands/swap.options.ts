import type { Command as Commander } from "commander";
import { targetText } from "../release/target.ts";
import type { Catalogue } from "../text/catalogue.ts";
import type { Choose, SupervisionFlags } from "./choose.ts";
import { type ChoiceFlags, choiceOf, choosing } from "./choosing.ts";

interface RehearseFlags extends SupervisionFlags, ChoiceFlags {
  readonly keep?: true;
  readonly report?: string;
  readonly remove?: true;
}

interface SwapFlags extends SupervisionFlags, ChoiceFlags {
  readonly override?: string[];
  readonly dryRun?: true;
  readonly at?: string;
}

interface RollbackFlags extends SupervisionFlags {
  readonly acceptDataLoss?: true;
  readonly export?: string;
}

type Help = Catalogue["cli"]["help"];

/** The commands that try another version, lead to it, and back. */
export function addMoves(
  help: Help,
  addOperation: (name: "rehearse" | "swap" | "rollback", usage?: string) => Commander,
  choose: Choose,
): void {
  const { values } = help;
  choosing(help, addOperation("rehearse", "[TAG]"))
    .option("--keep", help.keep)
    .option(`--report <${values.file}>`, help.report)
    .option("--remove", help.removeRehearsal)
    .action(async (tag: string | undefined, options: RehearseFlags) => {
      const { rehearseCommand, removeRehearsalCommand } = await import("./rehearse.ts");
      if (options.remove) return choose(removeRehearsalCommand);
      const choice = choiceOf("rehearse", tag, options);
      const { keep = false, report } = options;
      const command = rehearseCommand(choice, { keep, report });
      return choose(command, `rehearse ${targetText(choice)}`, options);
    });
  const swap = choosing(help, addOperation("swap", "[TAG]"));
  swap
    .option(
      `--override <${values.name}>`,
      help.override,
      (name: string, earlier: string[] | undefined) => [...(earlier ?? []), name],
    )
    .option("--dry-run", help.dryRun)
    .addOption(
      swap
        .createOption(`--at <${values.moment}>`, help.at)
        .conflicts(["dryRun", "detach", "foreground"]),
    )
    .action(async (tag: string | undefined, { override = [], dryRun, at, ...flags }: SwapFlags) => {
      const choice = choiceOf("swap", tag, flags);
      if (at !== undefined) {
        const { scheduleSwapCommand } = await import("./scheduled.ts");
        return choose(scheduleSwapCommand(choice, at, override));
      }
      if (dryRun) return choose((await import("./plan.ts")).planCommand(choice, override));
      const { swapCommand } = await import("./swap.ts");
      return choose(swapCommand(choice, { override }), `swap ${targetText(choice)}`, flags);
    });
  addOperation("rollback")
    .option("--accept-data-loss", help.acceptDataLoss)
    .option(`--export <${values.folder}>`, help.exportLost)
    .action(async ({ acceptDataLoss: accepted, export: exportTo, ...flags }: RollbackFlags) => {
      const acceptDataLoss = accepted ?? false;
      const { exportLostCommand, rollbackCommand } = await import("./rollback.ts");
      if (exportTo !== undefined && !acceptDataLoss) return choose(exportLostCommand(exportTo));
      return choose(rollbackCommand({ acceptDataLoss, exportTo }), "rollback", flags);
    });
}
