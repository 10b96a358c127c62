import { loadConfiguration } from "../config/load.ts";
import { connectEngine } from "../engine/connect.ts";
import { type ExitCode, messageOf, UpdaterError } from "../errors.ts";
import { type Instance, instanceOf } from "../instance/instance.ts";
import { findInstance } from "../instance/read-instance.ts";
import { tidyRemains } from "../operations/tidy-remains.ts";
import { readFolder, refuseOtherFolder } from "../instance/site-folder.ts";
import type { Reporter } from "../instance/events.ts";
import type { Result } from "./results.ts";
import type { Catalogue, Language } from "../text/catalogue.ts";

/** What every command is given by the command line. */
export interface Environment {
  readonly configurationFile: string;
  readonly language: Language;
  readonly catalogue: Catalogue;
  readonly reporter: Reporter;
  readonly json: boolean;
  readonly verbose: boolean;
  /** Aborted by Ctrl-C, and when the terminal is closed or its connection lost. */
  readonly signal: AbortSignal;
  /** Aborted only by the latter, and first. */
  readonly hangUp: AbortSignal;
  /** Prints a result: for people, or the value as JSON. */
  print(text: string, value: Result): void;
}

/**
 * The site of the configuration, on the engine that answers.
 * @param recover whether to end first what an updater that died has begun
 * @param changes whether the command changes something without being an operation, which asks by itself
 * @throws UpdaterError `otherFolder` when it does, in a copy of the site's folder
 */
export async function openInstance(
  { configurationFile, reporter, language, signal }: Environment,
  { recover = true, changes = false }: { recover?: boolean; changes?: boolean } = {},
): Promise<Instance> {
  const configuration = await loadConfiguration(configurationFile);
  const instance = instanceOf(configuration, await connectEngine(), reporter);
  if (changes) refuseOtherFolder(instance, await readFolder(instance));
  // What ends an operation is loaded where one is unfinished: everything else starts sooner.
  const view = recover ? await findInstance(instance.engine, instance.name) : undefined;
  if (view?.journal ?? view?.toTidy) {
    const { recoverUnfinished } = await import("../operations/recover.ts");
    const recovered = await recoverUnfinished(instance, language, signal);
    if (recovered?.outcome.kind === "needs-human") {
      const { operation, to, outcome } = recovered;
      const reason = messageOf(outcome.undoError);
      throw new UpdaterError("recoveryFails", { operation, to, reason }, outcome.undoError);
    }
  }
  await tidyRemains(instance);
  return instance;
}

/** @returns the exit code unless it was done */
export type Command = (environment: Environment) => Promise<ExitCode | undefined>;

/** For a result that is one object: with `--json` there are no events beside it. */
export function withoutEvents(environment: Environment): Environment {
  return environment.json ? { ...environment, reporter: { event: () => undefined } } : environment;
}

/** Where users find the site. */
export function urlOf({ configuration }: Instance): string {
  const { address, port } = configuration.listen;
  const host =
    address === "0.0.0.0" || address === "::" ? configuration.site.hostNames[0] : address;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}/`;
}
