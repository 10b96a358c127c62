import { exit } from "../errors.ts";
import { readMessages } from "../instance/messages.ts";
import { viewInstance } from "../instance/view.ts";
import { announce } from "../operations/announce.ts";
import type { Asked } from "./announcing.ts";
import { type Command, openInstance } from "./command.ts";
import { announcementLine, announcementValue } from "./announcement.ts";

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
