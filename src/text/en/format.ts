/** "1,234" */
export function count(number: number): string {
  return Math.round(number).toLocaleString("en");
}

/** "1.2 s" */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** "22 Nov 2026": the month in letters, because 03/04 is two different days. */
export function day(iso: string): string {
  return new Date(iso).toLocaleDateString("en-GB", { dateStyle: "medium" });
}

/** "22 Nov 2026, 22:30" */
export function moment(iso: string): string {
  return new Date(iso).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

/** The same by the clock of a time zone, which is named where this machine's says something else. */
export function momentIn(timeZone: string, iso: string): string {
  const style = { dateStyle: "medium", timeStyle: "short", timeZone } as const;
  const text = new Date(iso).toLocaleString("en-GB", style);
  return text === moment(iso) ? text : `${text} (${timeZone})`;
}

/** Names of tables, not all of them when there are many. */
export function shortList(names: readonly string[]): string {
  const shown = 4;
  const first = names.slice(0, shown).join(", ");
  return names.length > shown ? `${first} and ${count(names.length - shown)} more` : first;
}
