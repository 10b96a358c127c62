import { zoneHere, zoneNamed } from "../clock.ts";

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

/** « 22 nov. 2026, 22:30 » ; « … UTC » sur une machine qui est à cette heure */
export function moment(iso: string): string {
  return `${local(iso)}${zoneHere()}`;
}

/** The same by the clock of a time zone, which is named where this machine's says something else. */
export function momentIn(timeZone: string, iso: string): string {
  const text = local(iso, { timeZone });
  return text === local(iso) ? moment(iso) : `${text}${zoneNamed(timeZone)}`;
}

const local = (iso: string, zone: { readonly timeZone?: string } = {}) =>
  new Date(iso).toLocaleString("fr", { dateStyle: "medium", timeStyle: "short", ...zone });

/** Names of tables, not all of them when there are many. */
export function shortList(names: readonly string[]): string {
  const shown = 4;
  const first = names.slice(0, shown).join(", ");
  return names.length > shown ? `${first} et ${count(names.length - shown)} de plus` : first;
}
