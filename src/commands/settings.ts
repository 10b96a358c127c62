import { resolve } from "node:path";
import { exit, UpdaterError } from "../errors.ts";
import { findInstance } from "../instance/read-instance.ts";
import { checkBeforeInit } from "../settings/check-before-init.ts";
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
  (tag: string | undefined, options: CheckOptions): Command =>
  async (environment) => {
    const { catalogue, language, signal } = environment;
    const instance = await openInstance(environment);
    const served = await findInstance(instance.engine, instance.name);
    if (served && tag !== undefined) {
      throw new UpdaterError("checkedWithServing", { instance: instance.name, tag });
    }
    const files = filesOf(options);
    const check = served
      ? await checkSettings(instance, files, language, signal)
      : await checkBeforeInit(instance, files, tag, signal);
    const { fault, ...found } = check;
    const code = fault ? exit.refused : exit.done;
    const { settings, cli } = catalogue;
    const what = fault?.describe(catalogue).what ?? null;
    const fit = check.names
      ? [
          settings.fit(check.settings, check.tag),
          settings.names(check.names),
          check.changed?.length === 0
            ? settings.nextSame
            : settings.nextFit(check.settings, instance.configuration.site.settings),
        ]
      : [settings.loads(check.settings, check.tag)];
    const lines =
      what === null
        ? fit
        : [
            `${cli.errorLabel}${what}`,
            ...(served ? [`${cli.stateLabel}${cli.production.unchanged}`] : []),
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
