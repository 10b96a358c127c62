import { exit } from "../errors.ts";
import { readMessages } from "../instance/messages.ts";
import { viewInstance } from "../instance/view.ts";
import type { Messages } from "../messages/compose.ts";
import { announce, bringNews, removeNews } from "../operations/announce.ts";
import type { Catalogue } from "../text/catalogue.ts";
import type { Asked } from "./announcing.ts";
import { type Command, openInstance } from "./command.ts";
import { announcementLine, newsLine, toldLines, toldValue } from "./announcement.ts";

export const announceCommand =
  (asked: Asked): Command =>
  async (environment) => {
    const { catalogue, signal } = environment;
    const instance = await openInstance(environment);
    await viewInstance(instance.engine, instance.name);
    if (asked === "bring-news") await bringNews(instance, signal);
    else if (asked === "remove-news") await removeNews(instance);
    else if (asked !== "show") await announce(instance, asked === "remove" ? undefined : asked);
    const messages = await readMessages(instance.engine, instance.name);
    environment.print(linesFor(asked, messages, catalogue).join("\n"), {
      type: "announcement",
      ...toldValue(messages),
    });
    return exit.done;
  };

/** What has become of what was asked for. */
function linesFor(asked: Asked, messages: Messages, catalogue: Catalogue): string[] {
  const { announcement, news } = messages;
  if (asked === "bring-news" || asked === "remove-news") return [newsLine(catalogue, news)];
  const lines = asked === "show" ? toldLines(catalogue, messages) : [];
  return lines.length > 0 ? lines : [announcementLine(catalogue, announcement)];
}
