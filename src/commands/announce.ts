import { exit, UpdaterError } from "../errors.ts";
import { readMessages } from "../instance/messages.ts";
import { viewInstance } from "../instance/view.ts";
import { announce, type Announcement } from "../operations/announce.ts";
import { type Command, openInstance } from "./command.ts";
import { announcementLine, announcementValue } from "./announcement.ts";

/** What the command line asks for: to say something, to say nothing any more, or what is said. */
type Asked = Announcement | "remove" | "show";

export const announceCommand =
  (asked: Asked): Command =>
  async (environment) => {
    const instance = await openInstance(environment);
    await viewInstance(instance.engine, instance.name);
    const announcement =
      asked === "show"
        ? (await readMessages(instance.engine, instance.name)).announcement
        : await announce(instance, asked === "remove" ? undefined : asked);
    environment.print(announcementLine(environment.catalogue, announcement), {
      type: "announcement",
      announcement: announcement && announcementValue(announcement),
    });
    return exit.done;
  };

/** @throws UpdaterError `usage` when a text is given with `--remove`, or a time without a text */
export function askedOf(
  text: string | undefined,
  { from, until, remove }: { from?: number; until?: number; remove?: true },
): Asked {
  const timed = from !== undefined || until !== undefined;
  if (remove && (text !== undefined || timed)) {
    const given = text ?? (from === undefined ? "--until" : "--from");
    throw new UpdaterError("usage", { kind: "excessArguments", given, command: "announce" });
  }
  if (remove) return "remove";
  if (text === undefined && timed) {
    const problem = { kind: "missingArgument", given: "TEXT", command: "announce" } as const;
    throw new UpdaterError("usage", problem);
  }
  return text === undefined ? "show" : { text, from, until };
}
