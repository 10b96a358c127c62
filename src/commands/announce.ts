import type { Configuration } from "../config/configuration.ts";
import { exit, UpdaterError } from "../errors.ts";
import { readMessages } from "../instance/messages.ts";
import { viewInstance } from "../instance/view.ts";
import { type Announcement, announce } from "../operations/announce.ts";
import { pointInTime } from "../operations/point-in-time.ts";
import type { Asked, AskedAnnouncement } from "./announcing.ts";
import { type Command, openInstance } from "./command.ts";
import { announcementLine, announcementValue } from "./announcement.ts";

export const announceCommand =
  (asked: Asked): Command =>
  async (environment) => {
    const instance = await openInstance(environment);
    await viewInstance(instance.engine, instance.name);
    const { jobs } = instance.configuration;
    const announcement =
      asked === "show"
        ? (await readMessages(instance.engine, instance.name)).announcement
        : await announce(instance, asked === "remove" ? undefined : timed(asked, jobs));
    environment.print(announcementLine(environment.catalogue, announcement, jobs), {
      type: "announcement",
      announcement: announcement && announcementValue(announcement),
    });
    return exit.done;
  };

/** @throws UpdaterError `usage` */
function timed(
  { text, from, until }: AskedAnnouncement,
  { timeZone }: Configuration["jobs"],
): Announcement {
  const time = (given: string | undefined) => {
    if (given === undefined) return undefined;
    const at = pointInTime(given, timeZone, new Date());
    if (at) return at.getTime();
    throw new UpdaterError("usage", { kind: "badTime", given, command: "announce" });
  };
  return { text, from: time(from), until: time(until) };
}
