import { count } from "./format.ts";

/** "1.2", but "30": from ten on, a nought behind the point says nothing. */
const tenths = (number: number) => number.toFixed(1).replace(/(\d\d)\.0$/, "$1");

/** "340 ms", "1.2 s", "2 min 5 s" */
export function duration(milliseconds: number): string {
  if (milliseconds < 1) return "< 1 ms";
  if (milliseconds < 999.5) return `${count(milliseconds)} ms`;
  if (milliseconds < 99_950) return `${tenths(milliseconds / 1000)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${count(Math.floor(seconds / 60))} min ${seconds % 60} s`;
}

/** "980 kB", "1.2 GB": powers of a thousand, as disks are sold. */
export function size(bytes: number): string {
  if (bytes < 999.5) return `${count(bytes)} B`;
  if (bytes < 999_500) return `${bytes < 9_950 ? tenths(bytes / 1e3) : count(bytes / 1e3)} kB`;
  if (bytes < 999_500_000)
    return `${bytes < 9_950_000 ? tenths(bytes / 1e6) : count(bytes / 1e6)} MB`;
  return `${tenths(bytes / 1e9)} GB`;
}

/** "10", "1K", "1M": where there is little room. */
export function compact(number: number): string {
  return number.toLocaleString("en", { notation: "compact" });
}
