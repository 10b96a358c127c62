import { exit } from "../errors.ts";
import { readMessages } from "../instance/messages.ts";
import { viewInstance } from "../instance/view.ts";
import { announce, bringNews, removeNews } from "../operations/announce.ts";
import type { Asked } from "./announcing.ts";
import { type Command, openInstance } from "./command.ts";
import { announcementLine, announcementValue, newsLine, newsValue } from "./announcement.ts";

export const announceCommand =
  (asked: Asked): Command =>
  async (environment) => {
    const { catalogue, signal } = environment;
    const instance = await openInstance(environment);
    await viewInstance(instance.engine, instance.name);
    if (asked === "bring-news") await bringNews(instance, signal);
    else if (asked === "remove-news") await removeNews(instance);
    else if (asked !== "show") await announce(instance, asked === "remove" ? undefined : asked);
    const { announcement, news } = await readMessages(instance.engine, instance.name);
    const shown = newsLine(catalogue, news);
    const aboutNews = asked === "bring-news" || asked === "remove-news";
    const lines = aboutNews
      ? [shown ?? catalogue.cli.announcement.noNews]
      : [announcementLine(catalogue, announcement), ...(shown && asked === "show" ? [shown] : [])];
    environment.print(lines.join("\n"), {
      type: "announcement",
      announcement: announcement && announcementValue(announcement),
      whatsNew: newsValue(news),
    });
    return exit.done;
  };
