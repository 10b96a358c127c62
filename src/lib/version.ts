import { compareVersions as compare, validate } from "compare-versions";

/**
 * Orders version tags: 0.14.10 after 0.14.9, 0.13 same as 0.13.0.
 * @returns NaN, of which no comparison holds, where one is a tag of another kind
 */
export function compareVersions(one: string, other: string): number {
  return validate(one) && validate(other) ? compare(one, other) : Number.NaN;
}
