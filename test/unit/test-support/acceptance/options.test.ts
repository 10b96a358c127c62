import { expect, test } from "vitest";
import { optionsOf, UsageError } from "../../../acceptance/options.ts";

test("without a source the acceptance says where BiomAid lives", () => {
  expect(() => optionsOf([])).toThrow(/github\.com\/ajaborsk\/biomaid/);
});

test("refs of the local settings are given by tag", () => {
  const argv = ["--source", "biomaid", "--local-ref", "0.14=main", "--local-ref", "0.15=v=2"];
  expect(optionsOf(argv)?.localRefs).toEqual(
    new Map([
      ["0.14", "main"],
      ["0.15", "v=2"],
    ]),
  );
  expect(() => optionsOf(["--source", "biomaid", "--local-ref", "0.14"])).toThrow(UsageError);
});
