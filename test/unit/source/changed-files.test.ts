import { expect, test } from "vitest";
import { changedFiles } from "../../../src/source/changed-files.ts";

test("files of two trees are told apart by their content", () => {
  const before = new Map([
    ["a", "1"],
    ["b", "1"],
    ["c", "1"],
  ]);
  const after = new Map([
    ["b", "1"],
    ["c", "2"],
    ["d", "1"],
  ]);
  expect(changedFiles(before, after)).toEqual([
    { file: "a", change: "removed" },
    { file: "c", change: "modified" },
    { file: "d", change: "added" },
  ]);
});
