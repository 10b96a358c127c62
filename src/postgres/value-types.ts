import type { Schema } from "./schema.ts";

/** Digits before the point that a whole number of this type can have. */
const digits: Readonly<Record<string, number>> = { smallint: 5, integer: 10, bigint: 19 };

export function isInteger(type: string): boolean {
  return type in digits;
}

const bits: Readonly<Record<string, bigint>> = { smallint: 15n, integer: 31n, bigint: 63n };

/** The least and the greatest whole number of a type. */
export function rangeOf(type: string): readonly [least: string, greatest: string] {
  const end = 2n ** (bits[type] ?? 63n);
  return [String(-end), String(end - 1n)];
}

/**
 * Whether a column of one type takes, as text and without altering it, every value of another type.
 * Types are in PostgreSQL's own words: "character varying(30)".
 * @param types what enums and domains admit on the taking side, and on the other
 */
export function takesAll(
  taking: string,
  other: string,
  types: Schema["types"],
  otherTypes: Schema["types"],
): boolean {
  const element = taking.replace(/(\[\])+$/, "");
  if (taking === other) return types[element] === otherTypes[element];
  return textTakes(taking, other) || numberTakes(taking, other);
}

function textTakes(taking: string, other: string): boolean {
  const whole = digits[other];
  // With its sign.
  const [room, needed] = [lengthOf(taking), whole === undefined ? lengthOf(other) : whole + 1];
  return room !== undefined && needed !== undefined && needed <= room;
}

/** Characters a text of varying length may have; undefined for any other type. */
function lengthOf(type: string): number | undefined {
  if (type === "text" || type === "character varying") return Infinity;
  const [, length] = /^character varying\((\d+)\)$/.exec(type) ?? [];
  return length === undefined ? undefined : Number(length);
}

function numberTakes(taking: string, other: string): boolean {
  const [room, needed] = [digits[taking], digits[other]];
  if (room !== undefined) return needed !== undefined && needed <= room;
  const decimal = decimalOf(taking);
  if (!decimal) return false;
  const given = needed === undefined ? decimalOf(other) : { whole: needed, fraction: 0 };
  return given !== undefined && given.whole <= decimal.whole && given.fraction <= decimal.fraction;
}

function decimalOf(type: string): { whole: number; fraction: number } | undefined {
  if (type === "numeric") return { whole: Infinity, fraction: Infinity };
  const [, precision, scale] = /^numeric\((\d+),(-?\d+)\)$/.exec(type) ?? [];
  if (precision === undefined) return undefined;
  return { whole: Number(precision) - Number(scale), fraction: Number(scale) };
}
