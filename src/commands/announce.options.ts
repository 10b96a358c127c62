import { UpdaterError } from "../errors.ts";
import type { CommandLine } from "./command-line.ts";

interface AnnounceFlags {
  readonly from?: string;
  readonly until?: string;
  readonly remove?: true;
  readonly whatsNew?: true;
}

/** What the command line asks for: to say something, to say nothing any more, or what is said. */
export type Asked = AskedAnnouncement | "remove" | "show" | "bring-news" | "remove-news";

/** Times as they were typed. */
export interface AskedAnnouncement {
  readonly text: string;
  readonly from: string | undefined;
  readonly until: string | undefined;
}

export function addAnnounce({ help, add, choose }: CommandLine): void {
  const { time, text: what } = help.values;
  add("announce", `[${what}]`)
    .option(`--from <${time}>`, help.announceFrom)
    .option(`--until <${time}>`, help.announceUntil)
    .option("--remove", help.announceRemove)
    .option("--whats-new", help.announceNews)
    .action((text: string | undefined, flags: AnnounceFlags) => {
      const asked = askedOf(text, flags, what);
      choose(async () => (await import("./announce.ts")).announceCommand(asked));
    });
}

/**
 * @param given what help calls the text
 * @throws UpdaterError `usage` when a text is given with `--remove` or `--whats-new`, or a time without a text
 */
export function askedOf(
  text: string | undefined,
  { from, until, remove, whatsNew }: AnnounceFlags,
  given: string,
): Asked {
  const timed = from !== undefined || until !== undefined;
  if ((remove || whatsNew) && (text !== undefined || timed)) {
    const excess = text ?? (from === undefined ? "--until" : "--from");
    const problem = { kind: "excessArguments", given: excess, command: "announce" } as const;
    throw new UpdaterError("usage", problem);
  }
  if (whatsNew) return remove ? "remove-news" : "bring-news";
  if (remove) return "remove";
  if (text === undefined && timed) {
    const problem = { kind: "missingArgument", given, command: "announce" } as const;
    throw new UpdaterError("usage", problem);
  }
  return text === undefined ? "show" : { text, from, until };
}
