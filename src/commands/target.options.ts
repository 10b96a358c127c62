import type { Command as Commander } from "commander";
import { UpdaterError } from "../errors.ts";
import type { Target } from "../release/target.ts";
import type { Catalogue } from "../text/catalogue.ts";

/** What may stand for a tag: what is serving, with something new of the site's own. */
export interface ChoiceFlags {
  readonly local?: string;
  readonly localOnly?: string | true;
  readonly settingsOnly?: true;
}

/** Options of the commands that have a choice. */
export function choosing(help: Catalogue["cli"]["help"], command: Commander): Commander {
  const { ref } = help.values;
  return command
    .option(`--local <${ref}>`, help.local)
    .option(`--local-only [${ref}]`, help.localOnly)
    .option("--settings-only", help.settingsOnly);
}

/** @throws UpdaterError `usage` unless exactly one thing is asked for */
export function choiceOf(
  command: string,
  tag: string | undefined,
  { local, localOnly, settingsOnly }: ChoiceFlags,
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
