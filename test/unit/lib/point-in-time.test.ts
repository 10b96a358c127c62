import { expect, test } from "vitest";
import { pointInTime } from "../../../src/lib/point-in-time.ts";

const zone = "Europe/Paris";
// 22:40 in Paris.
const now = new Date("2026-11-22T21:40:00Z");

test.each([
  ["22:50", "2026-11-22T21:50:00.000Z"],
  ["22:40", "2026-11-23T21:40:00.000Z"],
  ["22:30", "2026-11-23T21:30:00.000Z"],
  ["6:05", "2026-11-23T05:05:00.000Z"],
  ["2026-12-01 22:30", "2026-12-01T21:30:00.000Z"],
  ["2026-12-01T7:00", "2026-12-01T06:00:00.000Z"],
  // Whether it may be past, whoever asks knows. Summer time.
  ["2026-07-01 22:30", "2026-07-01T20:30:00.000Z"],
  ["2027-02-30 22:30", undefined],
  ["22:60", undefined],
  ["22h30", undefined],
  ["", undefined],
  ["25:00", undefined],
  ["tonight", undefined],
])("%s means %s", (text, moment) => {
  expect(pointInTime(text, zone, now)?.toISOString()).toBe(moment);
});
