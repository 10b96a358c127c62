import type { Command } from "./command.ts";

export interface SupervisionFlags {
  readonly detach?: true;
  readonly foreground?: true;
}

/**
 * Told which command a command line asks for.
 * @param operation its words, when it is not to depend on the process that asks for it
 */
export type Choose = (command: Command, operation?: string, flags?: SupervisionFlags) => void;
