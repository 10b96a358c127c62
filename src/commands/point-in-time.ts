const pattern = /^(?:(\d{4})-(\d\d)-(\d\d)[ T])?(\d{1,2}):(\d\d)$/;

/**
 * "2026-11-25 22:30", or "22:30" for the next time it is that late, by this machine's clock.
 * @returns milliseconds since 1970; undefined when it is no such time
 */
export function parsePointInTime(text: string, now = new Date()): number | undefined {
  const [, year, month, day, hour, minute] = pattern.exec(text) ?? [];
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59) return undefined;
  const [hours, minutes] = [Number(hour), Number(minute)];
  if (year === undefined) {
    const today = new Date(now);
    today.setHours(hours, minutes, 0, 0);
    if (today <= now) today.setDate(today.getDate() + 1);
    return today.getTime();
  }
  const given = new Date(Number(year), Number(month) - 1, Number(day), hours, minutes);
  // 31 February is not 3 March.
  return given.getMonth() === Number(month) - 1 && given.getDate() === Number(day)
    ? given.getTime()
    : undefined;
}
