import { expect, test } from "vitest";
import { findingText } from "../../../../src/rehearsal/report/finding-text.ts";
import { catalogueOf } from "../../../../src/text/catalogue.ts";
import { notReady } from "../../../support/report-sample.ts";

test("French keeps a sign with the word before it", () => {
  const { findings, page, summary } = catalogueOf("fr").report;
  const plain = (value: unknown): string[] =>
    typeof value === "string" ? [value] : Object.values(value ?? {}).flatMap(plain);
  const words = notReady.findings.flatMap((finding) => {
    const { why, next } = findingText(findings, finding);
    return [why, next];
  });
  const wrong = /(?<!^) [:;!?»](\s|$)|« /;
  expect([...words, ...plain(page), ...plain(summary)].filter((text) => wrong.test(text))).toEqual(
    [],
  );
});
