import { describe, expect, test } from "vitest";
import { judgeClock } from "../../../src/doctor/clock.ts";
import { told } from "../../support/findings.ts";

describe("the clock", () => {
  const url = "https://mirror.example.org/x";
  const server = (offset: number) => ({ url, offset });

  test.each([
    ["agrees", { engine: 0.2, servers: [server(-0.8)], synchronised: true }, ["ok: clock"]],
    ["cannot be compared", { engine: 0, servers: [], synchronised: null }, ["ok: clock"]],
    [
      "of the engine is off",
      { engine: -90, servers: [], synchronised: null },
      ["warning: clockOff"],
    ],
    ["is off", { engine: 0, servers: [server(301)], synchronised: null }, ["warning: clockOff"]],
    [
      "is kept by nobody",
      { engine: 0, servers: [], synchronised: false },
      ["warning: clockUnsynchronised"],
    ],
    [
      "agrees with one of two servers: the other is a cache",
      { engine: 0, servers: [server(-86_000), server(1)], synchronised: null },
      ["ok: clock"],
    ],
  ])("%s", (_, facts, expected) => {
    expect(told(judgeClock(facts))).toEqual(expected);
  });
});
