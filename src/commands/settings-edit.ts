import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { execa } from "execa";
import { type Draft, openDraft, placeDraft } from "../settings/draft.ts";
import { UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { checkSettings } from "../settings/check-settings.ts";
import { findInstance } from "../instance/read-instance.ts";
import { refuseBareMetal } from "../instance/serving.ts";
import { asUpdaterError } from "../runner/known-error.ts";
import { type Command, type Environment, openInstance } from "./command.ts";

/**
 * `settings edit`: the site's file changes only once what took its place has been tried, and a person has
 * seen the difference. What was typed is never thrown away.
 */
export const editSettingsCommand =
  ({ instanceConfig = false }: { instanceConfig?: boolean }): Command =>
  async (environment) => {
    if (!process.stdin.isTTY || !process.stderr.isTTY) throw new UpdaterError("noTerminal", {});
    const text = environment.catalogue.settings;
    const instance = await openInstance(environment);
    const view = await findInstance(instance.engine, instance.name);
    if (view) refuseBareMetal(view);
    const { site } = instance.configuration;
    const file = instanceConfig ? site.instanceConfig : site.settings;
    if (file === undefined) throw new UpdaterError("noInstanceConfig", {});
    const draft = await openDraft(file);
    if (draft.found) say(text.goingOn(draft.path));
    for (;;) {
      await edit(draft);
      if ((await readFile(draft.path)).equals(draft.original)) {
        await rm(draft.path);
        environment.print(text.unchanged(draft.file), { ...resultOf(draft), placed: false });
        return;
      }
      const trouble = await troubleWith(draft, instance, instanceConfig, environment);
      if (trouble === undefined) break;
      say(`${environment.catalogue.cli.errorLabel}${trouble}`);
      if (!(await agrees(text.editAgain, environment))) throw left(draft);
    }
    await showDifference(draft);
    if (!(await agrees(text.place(draft.file), environment))) throw left(draft);
    await placeDraft(draft);
    environment.print(text.placed(draft.file), { ...resultOf(draft), placed: true });
  };

const say = (line: string) => void process.stderr.write(`${line}\n`);

const resultOf = ({ file }: Draft) => ({ type: "settings-edited" as const, file });

function left({ file, path }: Draft): UpdaterError {
  return new UpdaterError("settingsLeft", { file, draft: path });
}

/** The operator's editor; it may come with arguments, as git takes it too. */
async function edit({ path }: Draft): Promise<void> {
  const editor = process.env["VISUAL"] || process.env["EDITOR"] || "editor";
  const { exitCode } = await execa("sh", ["-c", `${editor} "$1"`, "sh", path], {
    stdio: "inherit",
    reject: false,
  });
  if (exitCode !== 0) throw new UpdaterError("editorFails", { editor, draft: path });
}

/** What is wrong with a draft, or why that is unknown. */
async function troubleWith(
  { path }: Draft,
  instance: Instance,
  instanceConfig: boolean,
  { catalogue, language, signal }: Environment,
): Promise<string | undefined> {
  const files = {
    settings: instanceConfig ? undefined : path,
    instanceConfig: instanceConfig ? path : undefined,
  };
  try {
    const { fault } = await checkSettings(instance, files, language, signal);
    return fault?.describe(catalogue).what;
  } catch (thrown) {
    const { what, next } = asUpdaterError(thrown).describe(catalogue);
    return `${what}\n${catalogue.cli.nextLabel}${next}`;
  }
}

async function showDifference({ file, path }: Draft): Promise<void> {
  // With 1 it says that there is one.
  await execa("diff", ["-u", `--label=${file}`, `--label=${path}`, file, path], {
    stdin: "ignore",
    stdout: process.stderr,
    reject: false,
  });
}

/** Whether a person says yes; Ctrl-C and the end of the terminal say no. */
async function agrees(question: string, { catalogue, signal }: Environment): Promise<boolean> {
  if (signal.aborted) return false;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  lines.once("SIGINT", () => lines.close());
  const closed = once(lines, "close").then(() => "");
  try {
    const answer = await Promise.race([lines.question(`${question} `), closed]);
    return answer.trim().toLowerCase().startsWith(catalogue.settings.yes);
  } finally {
    lines.close();
  }
}
