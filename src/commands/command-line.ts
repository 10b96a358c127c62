import type { Command as Commander } from "commander";
import type { Catalogue } from "../text/catalogue.ts";
import type { Command } from "./command.ts";

export type CommandName = keyof Catalogue["cli"]["help"]["details"];

export interface SupervisionFlags {
  readonly detach?: true;
  readonly foreground?: true;
}

/** What the options of a command are declared with; its own module loads when it is run. */
export interface CommandLine {
  readonly help: Catalogue["cli"]["help"];
  /** @param usage its arguments, as help shows them */
  readonly add: (name: CommandName, usage?: string) => Commander;
  /** One that can outlive the process that asks for it. */
  readonly addOperation: (name: CommandName, usage?: string) => Commander;
  /**
   * Told which command a command line asks for.
   * @param load loads its module: what only asks another process to run it needs none
   * @param operation its words, when it is not to depend on the process that asks for it
   */
  readonly choose: (
    load: () => Promise<Command>,
    operation?: string,
    flags?: SupervisionFlags,
  ) => void;
}

/** A command below another. */
export function addUnder(parent: Commander, usage: string, summary: string): Commander {
  return parent.helpCommand(false).command(usage).summary(summary).description(sentence(summary));
}

/** A summary as a description. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
