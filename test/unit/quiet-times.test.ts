import { describe, expect, test } from "vitest";
import { quietest, type Slot, WeekOfRequests } from "../../src/operations/quiet-times.ts";

const hour = 3_600_000;
/** Monday 2 November 2026, 00:00, by this machine's clock. */
const monday = new Date(2026, 10, 2).getTime();

const slotAt = (slots: readonly Slot[], day: number, half: number) =>
  slots.find((slot) => slot.day === day && slot.half === half)?.requests;

describe("requests by half-hours of the week", () => {
  test("are averaged over the weeks that the log covers", () => {
    const week = new WeekOfRequests();
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
    const week = new WeekOfRequests();
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
    expect(new WeekOfRequests().slots(monday).every(({ requests }) => requests === null)).toBe(
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
