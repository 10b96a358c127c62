import { expect, test } from "vitest";
import { commandOf, stepOf } from "../../../src/scheduled/advance-scheduled-swap.ts";
import type { ScheduledSwap } from "../../../src/scheduled/scheduled-swaps.ts";

const swap = (state: ScheduledSwap["state"]): ScheduledSwap => ({
  id: "5f0f2c66-6d0f-4f39-9d1c-3c2f0a7f8f10",
  tag: "0.8.1",
  choice: "0.8.1",
  override: [],
  at: "2026-11-22T21:30:00.000Z",
  rehearseAt: "2026-11-22T19:30:00.000Z",
  askedAt: "2026-11-22T09:00:00.000Z",
  by: "root@biomed",
  state,
  since: "2026-11-22T09:00:00.000Z",
  exitCode: null,
  said: null,
  undelivered: [],
});

test.each([
  ["waiting", "2026-11-22T19:00:00Z", { waitMs: 1_800_000 }],
  ["waiting", "2026-11-22T19:30:00Z", { take: "rehearse" }],
  // The scheduler died meanwhile.
  ["rehearsing", "2026-11-22T20:00:00Z", { take: "rehearse" }],
  ["rehearsed", "2026-11-22T21:29:00Z", { waitMs: 60_000 }],
  ["rehearsed", "2026-11-22T21:30:00Z", { take: "swap" }],
  ["rehearsed", "2026-11-22T21:59:00Z", { take: "swap" }],
  // The machine was off: users may be at work.
  ["rehearsed", "2026-11-22T22:01:00Z", { take: "miss" }],
  ["waiting", "2026-11-23T07:00:00Z", { take: "miss" }],
  ["swapping", "2026-11-23T07:00:00Z", { take: "look" }],
] as const)("one that is %s at %s", (state, at, step) => {
  expect(stepOf(swap(state), new Date(at))).toEqual(step);
});

test.each([
  ["0.8.1", ["rehearse", "0.8.1"], ["swap", "0.8.1", "--override", "disk"]],
  [
    "0.8.1 --local main",
    ["rehearse", "0.8.1", "--local", "main"],
    ["swap", "0.8.1", "--local", "main", "--override", "disk"],
  ],
  ["--switch", ["adopt", "--rehearse"], ["adopt", "--switch", "--override", "disk"]],
])("%s is rehearsed and swapped to by its own commands", (choice, rehearsal, itself) => {
  const scheduled = { ...swap("waiting"), choice, override: ["disk"] };
  expect(commandOf(scheduled, "rehearse")).toEqual(rehearsal);
  expect(commandOf(scheduled, "swap")).toEqual(itself);
});

test("a restart that a move was agreed to take is agreed to at its moment", () => {
  const scheduled = { ...swap("waiting"), choice: "--switch", restartDatabase: true };
  expect(commandOf(scheduled, "swap")).toEqual(["adopt", "--switch", "--restart-database"]);
  expect(commandOf(scheduled, "rehearse")).toEqual(["adopt", "--rehearse"]);
});
