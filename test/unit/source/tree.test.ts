import { expect, test } from "vitest";
import { staysInside } from "../../../src/source/tree.ts";

test.each([
  ["link", "a/b", true],
  ["link", "./a", true],
  ["a/link", "../b", true],
  ["a/b/link", "../../c/d", true],
  ["a/link", "..", true],
  ["link", "/a", false],
  ["link", "..", false],
  ["a/link", "../..", false],
  ["a/link", "b/../../..", false],
  ["a/link", "./../..", false],
  ["link", "other/..", false],
  ["link", "", false],
])("a link at %j to %j stays in the tree: %j", (path, target, inside) => {
  expect(staysInside(path, target)).toBe(inside);
});
