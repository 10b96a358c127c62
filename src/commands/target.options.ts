import type { Command as Commander } from "commander";
import { UpdaterError } from "../errors.ts";
import type { Target } from "../release/target.ts";
import type { CommandLine } from "./command-line.ts";

/** What may stand for a tag: what is serving, with something new of the site's own. */
export interface TargetFlags {
  readonly local?: string;
  readonly localOnly?: string | true;
  readonly settingsOnly?: true;
}

/** Options of the commands that lead to another version, or try it. */
export function addTargetOptions({ help }: CommandLine, command: Commander): Commander {
  const { ref } = help.values;
  return command
    .option(`--local <${ref}>`, help.local)
    .option(`--local-only [${ref}]`, help.localOnly)
    .option("--settings-only", help.settingsOnly);
}

/** @throws UpdaterError `usage` unless exactly one thing is asked for */
export function targetOf(
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
