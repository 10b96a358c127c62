import { expect, test } from "vitest";
import { checkRehearsal } from "../../../src/doctor/freshness.ts";
import { emptyState, type RehearsalRecord } from "../../../src/instance/state.ts";
import { told } from "../../support/findings.ts";

const day = 86_400_000;
const now = Date.parse("2026-11-22T21:30:00Z");

test("a rehearsal grows old unless its release was swapped to", () => {
  const record: RehearsalRecord = {
    id: "1",
    tag: "0.8.1",
    commit: "c",
    localCommit: "l",
    settings: null,
    serving: 1,
    image: "i",
    imageId: "d",
    position: "0/0",
    finishedAt: new Date(now - 8 * day).toISOString(),
    verdict: "ready",
    blocking: [],
    notLossless: [],
    hold: null,
  };
  const view = {
    serving: undefined,
    servedUntilNow: undefined,
    gateClosed: false,
    slot: undefined,
    journal: undefined,
    toTidy: undefined,
  };
  const state = { ...emptyState("x", "p"), rehearsals: [record] };
  expect(told(checkRehearsal({ ...view, state: emptyState("x", "p") }, 7 * day, now))).toEqual([
    "warning: noRehearsal",
  ]);
  expect(told(checkRehearsal({ ...view, state }, 7 * day, now))).toEqual(["warning: rehearsalOld"]);
  expect(told(checkRehearsal({ ...view, state }, 9 * day, now))).toEqual(["ok: rehearsal"]);
  const generation = {
    number: 2,
    tag: "0.8.1",
    commit: "c",
    localCommit: "l",
    image: "i",
    databaseImage: "d",
    slot: 2,
    createdAt: record.finishedAt,
    previous: 1,
    abandoned: false,
  };
  const swapped = { ...state, generations: [generation] };
  expect(told(checkRehearsal({ ...view, state: swapped }, 7 * day, now))).toEqual([
    "ok: rehearsal",
  ]);
});
