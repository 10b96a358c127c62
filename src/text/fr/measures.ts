import { count } from "./format.ts";

/** « 1,2 », mais « 30 » : à partir de dix, un zéro après la virgule ne dit rien. */
const tenths = (number: number) =>
  Number(number.toFixed(1)).toLocaleString("fr", {
    minimumFractionDigits: number < 10 ? 1 : 0,
    maximumFractionDigits: 1,
  });

/** « 340 ms », « 1,2 s », « 2 min 5 s » */
export function duration(milliseconds: number): string {
  if (milliseconds < 1) return "< 1 ms";
  if (milliseconds < 999.5) return `${count(milliseconds)} ms`;
  if (milliseconds < 99_950) return `${tenths(milliseconds / 1000)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${count(Math.floor(seconds / 60))} min ${seconds % 60} s`;
}

/** « 980 ko », « 1,2 Go » */
export function size(bytes: number): string {
  if (bytes < 999.5) return `${count(bytes)} ${bytes < 1.5 ? "octet" : "octets"}`;
  if (bytes < 999_500) return `${bytes < 9_950 ? tenths(bytes / 1e3) : count(bytes / 1e3)} ko`;
  if (bytes < 999_500_000)
    return `${bytes < 9_950_000 ? tenths(bytes / 1e6) : count(bytes / 1e6)} Mo`;
  return `${tenths(bytes / 1e9)} Go`;
}

/** « 10 », « 1 k », « 1 M » : là où la place manque. */
export function compact(number: number): string {
  return number.toLocaleString("fr", { notation: "compact" });
}
