import type { Command as Commander } from "commander";
import type { Catalogue } from "../text/catalogue.ts";
import type { Choose } from "./choose.ts";
import { sentence } from "./sentence.ts";

/** What can be done about the site's settings. */
export function addSettings(
  { values, ...help }: Catalogue["cli"]["help"],
  settings: Commander,
  choose: Choose,
): void {
  settings.helpCommand(false);
  const add = (usage: string, text: string) =>
    settings.command(usage).summary(text).description(sentence(text));
  add("diff <TAG>", help.settingsDiff).action(async (tag: string) =>
    choose((await import("./settings.ts")).diffSettingsCommand(tag)),
  );
  add("edit", help.settingsEdit)
    .option("--instance-config", help.editInstanceConfig)
    .action(async (options: { instanceConfig?: true }) =>
      choose((await import("./edit-settings.ts")).editSettingsCommand(options)),
    );
  add("check", help.settingsCheck)
    .option(`--settings <${values.file}>`, help.settingsFile)
    .option(`--instance-config <${values.file}>`, help.instanceConfigFile)
    .action(async (options: { settings?: string; instanceConfig?: string }) =>
      choose((await import("./settings.ts")).checkSettingsCommand(options)),
    );
}
