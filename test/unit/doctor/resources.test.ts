import { expect, test } from "vitest";
import { judgeDisk } from "../../../src/doctor/resources.ts";
import { told } from "../../support/findings.ts";

test("a disk may be too small, or have too few inodes, or make them as needed", () => {
  const fine = { needed: 5e9, free: 9e9, inodes: 1e6, total: 2e6 };
  expect(told(judgeDisk(fine))).toEqual(["ok: disk", "ok: inodes"]);
  expect(told(judgeDisk({ ...fine, free: 4e9, inodes: 900 }))).toEqual([
    "problem: diskTooSmall",
    "warning: fewInodes",
  ]);
  expect(told(judgeDisk({ ...fine, inodes: 0, total: 0 }))).toEqual(["ok: disk", "ok: inodes"]);
});
