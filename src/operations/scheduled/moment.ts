import { Cron } from "croner";

/**
 * The next moment that "22:30" or "2026-12-01 22:30" means in a time zone.
 * @returns nothing when it is no such text, or past
 */
export function momentOf(text: string, timeZone: string, now: Date): Date | undefined {
  const [, date, hour, minute] =
    /^(?:(\d{4}-\d{2}-\d{2})[ T])?([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hour === undefined || minute === undefined) return undefined;
  const pattern =
    date === undefined
      ? `${minute} ${hour} * * *`
      : `${date}T${hour.padStart(2, "0")}:${minute}:00`;
  try {
    return new Cron(pattern, { timezone: timeZone }).nextRun(now) ?? undefined;
  } catch {
    // The 31st of a month that has none.
    return undefined;
  }
}
