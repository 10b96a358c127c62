import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions } from "../../../src/lib/version.ts";
import { refutes } from "../../support/hostile-input.ts";

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

test("versions have one order, whatever they are", () => {
  const version = fc
    .array(fc.nat(20), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join("."));
  expect(
    refutes(
      fc.property(version, version, version, (one, two, three) => {
        const [a, b, c] = [one, two, three].sort(compareVersions) as [string, string, string];
        expect(compareVersions(a, b)).toBeLessThanOrEqual(0);
        expect(compareVersions(b, c)).toBeLessThanOrEqual(0);
        expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
        expect(Math.sign(compareVersions(a, c))).toBe(-Math.sign(compareVersions(c, a)) + 0);
      }),
    ),
  ).toBeUndefined();
});
