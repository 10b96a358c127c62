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
