import type { CheckOptions } from "./settings.ts";
import { addUnder, type CommandLine } from "./command-line.ts";

export function addSettings({ help, add, choose }: CommandLine): void {
  const { file } = help.values;
  const settings = add("settings").usage(help.programUsage);
  addUnder(settings, "diff <TAG>", help.settingsDiff).action((tag: string) =>
    choose(async () => (await import("./settings.ts")).diffSettingsCommand(tag)),
  );
  addUnder(settings, "edit", help.settingsEdit)
    .option("--instance-config", help.editInstanceConfig)
    .action((options: { instanceConfig?: true }) =>
      choose(async () => (await import("./settings-edit.ts")).editSettingsCommand(options)),
    );
  addUnder(settings, "check [TAG]", help.settingsCheck)
    .option(`--settings <${file}>`, help.settingsFile)
    .option(`--instance-config <${file}>`, help.instanceConfigFile)
    .action((tag: string | undefined, options: CheckOptions) =>
      choose(async () => (await import("./settings.ts")).checkSettingsCommand(tag, options)),
    );
}
