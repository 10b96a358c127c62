import { expect, test } from "vitest";
import { catalogueOf } from "../../../src/text/catalogue.ts";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

test.each([
  [0.2, "< 1 ms", "< 1 ms"],
  [340, "340 ms", "340 ms"],
  [999.7, "1.0 s", "1,0 s"],
  [30_000, "30 s", "30 s"],
  [125_000, "2 min 5 s", "2 min 5 s"],
])("%d ms: %s, %s", (milliseconds, english, french) => {
  expect(plain(catalogueOf("en").report.duration(milliseconds))).toBe(english);
  expect(plain(catalogueOf("fr").report.duration(milliseconds))).toBe(french);
});

test.each([
  [0, "0 B", "0 octet"],
  [1, "1 B", "1 octet"],
  [2, "2 B", "2 octets"],
])("%d bytes: %s, %s", (bytes, english, french) => {
  expect(plain(catalogueOf("en").report.size(bytes))).toBe(english);
  expect(plain(catalogueOf("fr").report.size(bytes))).toBe(french);
});
