import type { Configuration } from "../config/configuration.ts";
import { UpdaterError } from "../errors.ts";
import { readMessages } from "../messages/store.ts";
import { readInstance } from "../instance/read-instance.ts";
import type { Messages } from "../messages/compose.ts";
import { type Announcement, announce, bringNews, removeNews } from "../messages/announce.ts";
import { pointInTime } from "../lib/point-in-time.ts";
import type { Catalogue } from "../text/catalogue.ts";
import type { Asked, AskedAnnouncement } from "./announce.options.ts";
import { type Command, openInstance } from "./command.ts";
import { announcementLine, newsLine, toldLines, toldValue } from "./told-messages.ts";

export const announceCommand =
  (asked: Asked): Command =>
  async (environment) => {
    const { catalogue, signal } = environment;
    const instance = await openInstance(environment, { changes: true });
    await readInstance(instance.engine, instance.name);
    const { jobs } = instance.configuration;
    if (asked === "bring-news") await bringNews(instance, signal);
    else if (asked === "remove-news") await removeNews(instance);
    else if (asked === "remove") await announce(instance, undefined);
    else if (asked !== "show") await announce(instance, timed(asked, jobs));
    const messages = await readMessages(instance.engine, instance.name);
    environment.print(linesFor(asked, messages, { catalogue, jobs }).join("\n"), {
      type: "announcement",
      ...toldValue(messages),
    });
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

/** What has become of what was asked for. */
function linesFor(
  asked: Asked,
  messages: Messages,
  { catalogue, jobs }: { readonly catalogue: Catalogue; readonly jobs: Configuration["jobs"] },
): string[] {
  const { announcement, news } = messages;
  if (asked === "bring-news" || asked === "remove-news") return [newsLine(catalogue, news, jobs)];
  const lines = asked === "show" ? toldLines(catalogue, messages, jobs) : [];
  return lines.length > 0 ? lines : [announcementLine(catalogue, announcement, jobs)];
}
