/** The name of a day of the week; 0 is Monday. */
export function weekday(locale: string, index: number, width: "short" | "long"): string {
  // 1 January 2024 was a Monday.
  return new Date(2024, 0, 1 + index).toLocaleDateString(locale, { weekday: width });
}

/** "03:30": where a half-hour of the day begins. */
export function clock(half: number): string {
  const hour = String(Math.floor(half / 2) % 24).padStart(2, "0");
  return `${hour}:${half % 2 === 0 ? "00" : "30"}`;
}
