import type { Configuration } from "../config/configuration.ts";
import type { Banner } from "../messages/compose.ts";
import type { Catalogue } from "../text/catalogue.ts";

/** What users are told, from when and until when. */
export function announcementLine(
  { cli }: Catalogue,
  banner: Banner | null,
  { timeZone }: Pick<Configuration["jobs"], "timeZone">,
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

/** The same for programs. */
export function announcementValue({ text, from, until }: Banner) {
  return {
    text,
    from: new Date(from).toISOString(),
    until: until === null ? null : new Date(until).toISOString(),
  };
}
