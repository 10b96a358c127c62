import { describe, expect, test } from "vitest";
import { askedOf } from "../../src/commands/announcing.ts";
import { parsePointInTime } from "../../src/commands/point-in-time.ts";

const now = new Date(2026, 10, 25, 14, 0);
const local = (...parts: [number, number, number, number, number]) => new Date(...parts).getTime();

test.each([
  ["22:30", local(2026, 10, 25, 22, 30)],
  ["9:05", local(2026, 10, 26, 9, 5)],
  ["14:00", local(2026, 10, 26, 14, 0)],
  ["2026-12-01 07:00", local(2026, 11, 1, 7, 0)],
  ["2026-12-01T07:00", local(2026, 11, 1, 7, 0)],
  ["2026-02-30 07:00", undefined],
  ["24:00", undefined],
  ["22:60", undefined],
  ["22h30", undefined],
  ["", undefined],
])("%j is a point in time, or is refused", (text, time) => {
  expect(parsePointInTime(text, now)).toBe(time);
});

describe("updater announce", () => {
  test("says something, nothing any more, or what is said", () => {
    expect(askedOf("Bientôt", { from: 1, until: 2 })).toEqual({
      text: "Bientôt",
      from: 1,
      until: 2,
    });
    expect(askedOf(undefined, { remove: true })).toBe("remove");
    expect(askedOf(undefined, {})).toBe("show");
    expect(askedOf(undefined, { whatsNew: true })).toBe("bring-news");
    expect(askedOf(undefined, { whatsNew: true, remove: true })).toBe("remove-news");
  });

  test.each([
    ["Bientôt", { remove: true } as const, { kind: "excessArguments", given: "Bientôt" }],
    [undefined, { remove: true, until: 1 } as const, { kind: "excessArguments", given: "--until" }],
    ["Bientôt", { whatsNew: true } as const, { kind: "excessArguments", given: "Bientôt" }],
    [undefined, { from: 1 }, { kind: "missingArgument", given: "TEXT" }],
  ])("%j with %j is a usage error", (text, options, parameters) => {
    expect(() => askedOf(text, options)).toThrow(
      expect.objectContaining({ parameters: expect.objectContaining(parameters) }),
    );
  });
});
