import type { Configuration } from "../config/configuration.ts";
import type { Banner, Messages, ToldNews } from "../messages/compose.ts";
import type { Catalogue } from "../text/catalogue.ts";

/** By whose clock times are told. */
type Zone = Pick<Configuration["jobs"], "timeZone">;

/** What users are told, a line each; none when that is nothing. */
export function toldLines(
  catalogue: Catalogue,
  { announcement, news }: Messages,
  zone: Zone,
): string[] {
  const shown = newsValue(news);
  return [
    ...(announcement ? [announcementLine(catalogue, announcement, zone)] : []),
    ...(shown ? [newsLine(catalogue, news, zone)] : []),
  ];
}

/** The same for programs. */
export function toldValue({ announcement, news }: Messages) {
  return {
    announcement: announcement && announcementValue(announcement),
    whatsNew: newsValue(news),
  };
}

/** What users are told, from when and until when. */
export function announcementLine(
  { cli }: Catalogue,
  banner: Banner | null,
  { timeZone }: Zone,
): string {
  if (!banner) return cli.announcement.none;
  const { text, from, until } = banner;
  const now = Date.now();
  const at = (time: number) => cli.momentIn(timeZone, new Date(time).toISOString());
  if (until !== null && until <= now) return cli.announcement.over(text, at(until));
  return cli.announcement.shown(
    text,
    from > now ? at(from) : undefined,
    until === null ? undefined : at(until),
  );
}

/** Which version's news users are shown, and until when. */
export function newsLine({ cli }: Catalogue, news: ToldNews | null, { timeZone }: Zone): string {
  const shown = newsValue(news);
  if (!shown) return cli.announcement.noNews;
  return cli.announcement.news(shown.version, cli.momentIn(timeZone, shown.until));
}

function announcementValue({ text, from, until }: Banner) {
  return {
    text,
    from: new Date(from).toISOString(),
    until: until === null ? null : new Date(until).toISOString(),
  };
}

function newsValue(news: ToldNews | null) {
  if (!news || news.until <= Date.now()) return null;
  return { version: news.version, until: new Date(news.until).toISOString() };
}
