/** « 1 234 » */
export function count(number: number): string {
  return Math.round(number).toLocaleString("fr");
}

/** « 1,2 s » */
export function seconds(milliseconds: number): string {
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return `${(milliseconds / 1000).toLocaleString("fr", digits)} s`;
}

/** « 22 nov. 2026 » */
export function day(iso: string): string {
  return new Date(iso).toLocaleDateString("fr", { dateStyle: "medium" });
}

/** « 22 nov. 2026, 22:30 » */
export function moment(iso: string): string {
  return new Date(iso).toLocaleString("fr", { dateStyle: "medium", timeStyle: "short" });
}

/** The same by the clock of a time zone, which is named where this machine's says something else. */
export function momentIn(timeZone: string, iso: string): string {
  const style = { dateStyle: "medium", timeStyle: "short", timeZone } as const;
  const text = new Date(iso).toLocaleString("fr", style);
  return text === moment(iso) ? text : `${text} (${timeZone})`;
}

/** Names of tables, not all of them when there are many. */
export function shortList(names: readonly string[]): string {
  const shown = 4;
  const first = names.slice(0, shown).join(", ");
  return names.length > shown ? `${first} et ${count(names.length - shown)} de plus` : first;
}
