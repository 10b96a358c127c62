import { zoneHere, zoneNamed } from "../clock.ts";

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

/** "22 Nov 2026, 22:30"; "… UTC" on a machine whose clock goes by it */
export function moment(iso: string): string {
  return `${local(iso)}${zoneHere()}`;
}

/** The same by the clock of a time zone, which is named where this machine's says something else. */
export function momentIn(timeZone: string, iso: string): string {
  const text = local(iso, { timeZone });
  return text === local(iso) ? moment(iso) : `${text}${zoneNamed(timeZone)}`;
}

const local = (iso: string, zone: { readonly timeZone?: string } = {}) =>
  new Date(iso).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short", ...zone });

/** Names of tables, not all of them when there are many. */
export function shortList(names: readonly string[]): string {
  const shown = 4;
  const first = names.slice(0, shown).join(", ");
  return names.length > shown ? `${first} and ${count(names.length - shown)} more` : first;
}
