import { describe, expect, test } from "vitest";
import { differingLines } from "../../../src/rehearsal/rehearse-move.ts";

const page = (lines: string, again = lines) => ({
  lines: lines.split(""),
  again: again.split(""),
});

describe("lines in which two installations show a page differently:", () => {
  test.each([
    ["none in the same page", page("abc"), page("abc"), 0],
    ["none that changes with each answer", page("axc", "ayc"), page("azc", "awc"), 0],
    ["none that users changed while both were asked", page("abc", "axc"), page("abc"), 0],
    ["each that only one of them has", page("abc"), page("ac"), 1],
    ["each that both have, but otherwise", page("abc"), page("axc"), 2],
    ["each that is elsewhere: an order of names is another one", page("abcd"), page("acbd"), 2],
    ["all, where one does not answer", page("abc"), page(""), 3],
  ])("%s", (_, one, other, lines) => {
    expect(differingLines(one, other)).toBe(lines);
    expect(differingLines(other, one)).toBe(lines);
  });
});
