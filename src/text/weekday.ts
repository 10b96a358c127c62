/** The name of a day of the week; 0 is Monday. */
export function weekday(locale: string, index: number, width: "short" | "long"): string {
  // 1 January 2024 was a Monday.
  return new Date(2024, 0, 1 + index).toLocaleDateString(locale, { weekday: width });
}
