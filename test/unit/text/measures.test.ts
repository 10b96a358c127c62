import { expect, test } from "vitest";
import { catalogueOf } from "../../../src/text/catalogue.ts";

test.each([
  [0.2, "< 1 ms", "< 1 ms"],
  [340, "340 ms", "340 ms"],
  [999.7, "1.0 s", "1,0 s"],
  [30_000, "30 s", "30 s"],
  [125_000, "2 min 5 s", "2 min 5 s"],
])("%d ms: %s, %s", (milliseconds, english, french) => {
  const plain = (text: string) => text.replaceAll("\u00a0", " ");
  expect(plain(catalogueOf("en").report.duration(milliseconds))).toBe(english);
  expect(plain(catalogueOf("fr").report.duration(milliseconds))).toBe(french);
});
