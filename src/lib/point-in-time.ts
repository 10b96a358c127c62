import { Cron } from "croner";
import { z } from "zod";

const pattern = /^(?:(\d{4}-\d{2}-\d{2})[ T])?([01]?\d|2[0-3]):([0-5]\d)$/;
const dates = z.iso.date();

/**
 * What "2026-12-01 22:30" means in a time zone, or "22:30": the next time it is that late there.
 * @returns nothing when it is no such text
 */
export function pointInTime(text: string, timeZone: string, now: Date): Date | undefined {
  const [, date, hour, minute] = pattern.exec(text) ?? [];
  if (hour === undefined || minute === undefined) return undefined;
  if (date === undefined) return nextRun(`${minute} ${hour} * * *`, timeZone, now);
  // The library takes 31 February for 3 March.
  if (!dates.safeParse(date).success) return undefined;
  return nextRun(`${date}T${hour.padStart(2, "0")}:${minute}:00`, timeZone, new Date(0));
}

function nextRun(cron: string, timeZone: string, after: Date): Date | undefined {
  return new Cron(cron, { timezone: timeZone }).nextRun(after) ?? undefined;
}
