import { expect, test } from "vitest";
import { compareVersions } from "../../../src/lib/version.ts";

test("orders versions by their numbers, however many parts they have", () => {
  const versions = ["0.14.10", "0.15", "0.14.9", "v0.14", "0.13.0.2", "1.0", "0.13"];
  expect(versions.sort(compareVersions)).toEqual([
    "0.13",
    "0.13.0.2",
    "v0.14",
    "0.14.9",
    "0.14.10",
    "0.15",
    "1.0",
  ]);
  expect(compareVersions("0.13", "0.13.0")).toBe(0);
});
