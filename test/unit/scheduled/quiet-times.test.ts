import { describe, expect, test } from "vitest";
import {
  nextQuiet,
  quietest,
  type Slot,
  WeekOfRequests,
} from "../../../src/scheduled/quiet-times.ts";

const hour = 3_600_000;
const zone = "America/Guadeloupe";
/** Monday 2 November 2026, 00:00 there. */
const monday = Date.parse("2026-11-02T04:00:00Z");

const slotAt = (slots: readonly Slot[], day: number, half: number) =>
  slots.find((slot) => slot.day === day && slot.half === half)?.requests;

describe("requests by half-hours of the week", () => {
  test("are averaged over the weeks that the log covers", () => {
    const week = new WeekOfRequests(zone);
    week.add(monday);
    for (let number = 0; number < 10; number++) week.add(monday + 9 * hour + number);
    for (let number = 0; number < 20; number++)
      week.add(monday + 7 * 24 * hour + 9 * hour + number);
    const slots = week.slots(monday + 14 * 24 * hour);
    expect(slots).toHaveLength(336);
    expect(slotAt(slots, 0, 0)).toBe(0.5);
    expect(slotAt(slots, 0, 18)).toBe(15);
    expect(slotAt(slots, 6, 47)).toBe(0);
  });

  test("are unknown where the log does not reach, or only in part", () => {
    const week = new WeekOfRequests(zone);
    week.add(monday + 10 * hour + 60_000);
    week.add(monday + 11 * hour);
    const slots = week.slots(monday + 12 * hour + 60_000);
    expect([19, 20, 21, 22, 23, 24].map((half) => slotAt(slots, 0, half))).toEqual([
      null,
      null,
      0,
      1,
      0,
      null,
    ]);
    expect(new WeekOfRequests(zone).slots(monday).every(({ requests }) => requests === null)).toBe(
      true,
    );
  });
});

describe("the quietest half-hours", () => {
  const weekOf = (requests: (day: number, half: number) => number | null): Slot[] =>
    Array.from({ length: 336 }, (_, index) => {
      const [day, half] = [Math.floor(index / 48), index % 48];
      return { day, half, requests: requests(day, half) };
    });

  test("lie in the middle of the quiet, and apart from each other", () => {
    // Two quiet nights, one of them short.
    const quiet = (day: number, half: number) =>
      (day === 2 && half < 12) || (day === 4 && half < 4);
    const chosen = quietest(
      weekOf((day, half) => (quiet(day, half) ? 0 : 50)),
      3,
    );
    expect(chosen[0]).toMatchObject({ day: 2, requests: 0 });
    expect(chosen[0]!.half).toBeGreaterThanOrEqual(4);
    expect(chosen[0]!.half).toBeLessThanOrEqual(7);
    expect(
      chosen.slice(1).map(({ day, half }) => Math.abs(day * 48 + half - 96 - chosen[0]!.half) > 4),
    ).toEqual([true, true]);
  });

  test("are none of those that nobody knows", () => {
    expect(
      quietest(
        weekOf(() => null),
        3,
      ),
    ).toEqual([]);
    expect(
      quietest(
        weekOf((day, half) => (day === 1 && half === 3 ? 7 : null)),
        3,
      ),
    ).toEqual([{ day: 1, half: 3, requests: 7 }]);
  });
});

describe("the quietest half-hour to come", () => {
  const day = 24 * hour;
  const named: readonly Slot[] = [
    { day: 0, half: 7, requests: 0.31 },
    { day: 2, half: 6, requests: 0.02 },
    { day: 5, half: 6, requests: 0 },
  ];
  const next = (from: number, until: number) =>
    nextQuiet(named, zone, { from: monday + from, until: monday + until });

  test("is the one with the least, and of those that look alike the first", () => {
    expect(next(0, 7 * day)).toEqual({
      slot: named[1],
      at: new Date("2026-11-04T07:00:00.000Z"),
    });
    expect(next(3 * day, 7 * day)?.at.toISOString()).toBe("2026-11-07T07:00:00.000Z");
    expect(next(0, 2 * day)?.slot).toBe(named[0]);
  });

  test("has not begun, and is not later than asked for", () => {
    expect(next(2 * day + 3 * hour + 1, 5 * day)).toBeUndefined();
    expect(next(2 * day + 3 * hour, 5 * day)?.slot).toBe(named[1]);
  });

  test("is there when clocks change", () => {
    const sunday: Slot = { day: 6, half: 7, requests: 0 };
    const time = { from: Date.parse("2026-10-24T12:00Z"), until: Date.parse("2026-10-31T12:00Z") };
    // 03:30 after the hour that there was twice.
    expect(nextQuiet([sunday], "Europe/Paris", time)?.at.toISOString()).toBe(
      "2026-10-25T02:30:00.000Z",
    );
  });
});
