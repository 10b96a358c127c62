import type { Banner, ToldNews } from "../messages/compose.ts";
import type { Catalogue } from "../text/catalogue.ts";

/** What users are told, from when and until when. */
export function announcementLine({ cli }: Catalogue, banner: Banner | null): string {
  if (!banner) return cli.announcement.none;
  const { text, from, until } = banner;
  const now = Date.now();
  const at = (time: number) => cli.moment(new Date(time).toISOString());
  if (until !== null && until <= now) return cli.announcement.over(text, at(until));
  return cli.announcement.shown(
    text,
    from > now ? at(from) : undefined,
    until === null ? undefined : at(until),
  );
}

/** The same for programs. */
export function announcementValue({ text, from, until }: Banner) {
  return {
    text,
    from: new Date(from).toISOString(),
    until: until === null ? null : new Date(until).toISOString(),
  };
}

/** Which version's news users are shown; undefined when none are. */
export function newsLine({ cli }: Catalogue, news: ToldNews | null): string | undefined {
  const shown = newsValue(news);
  return shown ? cli.announcement.news(shown.version, cli.moment(shown.until)) : undefined;
}

/** The same for programs. */
export function newsValue(news: ToldNews | null) {
  if (!news || news.until <= Date.now()) return null;
  return { version: news.version, until: new Date(news.until).toISOString() };
}
