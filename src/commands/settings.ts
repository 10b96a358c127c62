import { resolve } from "node:path";
import { exit } from "../errors.ts";
import { checkSettings, type SettingsFiles } from "../settings/check-settings.ts";
import { diffSettings } from "../settings/diff-settings.ts";
import { type Command, openInstance, withoutEvents } from "./command.ts";
import { settingsText } from "./plan-text.ts";

export interface CheckOptions {
  /** Paths as typed. */
  readonly settings?: string;
  readonly instanceConfig?: string;
}

export const checkSettingsCommand =
  (options: CheckOptions): Command =>
  async (environment) => {
    const { catalogue, language, signal } = environment;
    const instance = await openInstance(environment);
    const check = await checkSettings(instance, filesOf(options), language, signal);
    const { fault, ...found } = check;
    const code = fault ? exit.refused : exit.done;
    const { settings, cli } = catalogue;
    const what = fault?.describe(catalogue).what ?? null;
    const lines =
      what === null
        ? [
            settings.fit(check.settings, check.tag),
            settings.names(check.names),
            check.changed?.length === 0
              ? settings.nextSame
              : settings.nextFit(check.settings, instance.configuration.site.settings),
          ]
        : [
            `${cli.errorLabel}${what}`,
            `${cli.stateLabel}${cli.production.unchanged}`,
            `${cli.nextLabel}${settings.nextUnfit}`,
          ];
    environment.print(lines.join("\n"), {
      type: "settings-checked",
      ...found,
      fit: !fault,
      exitCode: code,
      error: fault ? { code: fault.code, what, facts: fault.parameters } : null,
    });
    return code;
  };

export const diffSettingsCommand =
  (tag: string): Command =>
  async (environment) => {
    const { catalogue, signal, verbose } = environment;
    const instance = await openInstance(withoutEvents(environment), { recover: false });
    const diff = await diffSettings(instance, tag, signal);
    environment.print(settingsText(diff, catalogue, verbose), { type: "settings-diff", ...diff });
  };

function filesOf({ settings, instanceConfig }: CheckOptions): SettingsFiles {
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(path));
  return { settings: absolute(settings), instanceConfig: absolute(instanceConfig) };
}
