import { expect, test } from "vitest";
import { excerptOf } from "../../../src/source/excerpt.ts";

test.each([
  ["a text", 'KEY = "zz-top"', 'KEY = "******"'],
  ["a text in the other quotes, with one of these in it", `KEY = 'zz"top'`, `KEY = '******'`],
  ["a quote that is escaped", String.raw`KEY = "zz\"top"`, 'KEY = "*******"'],
  ["a text that is not closed", 'KEY = "zz-top', 'KEY = "******'],
  ["two texts", 'DATABASES["default"] = "zz"', 'DATABASES["*******"] = "**"'],
])("%s in a line at fault is hidden", (_, line, shown) => {
  expect(excerptOf(`import os\n${line}\n`, 2, null)).toBe(shown);
});

test("the caret stays where it belongs, also after a tab and a Windows line end", () => {
  expect(excerptOf('\tA = "zz" 5\r\n', 1, 11)).toBe(` A = "**" 5\n${" ".repeat(10)}^`);
});
