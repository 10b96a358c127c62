import { describe, expect, test } from "vitest";
import { changeText, findingText } from "../../../../src/rehearsal/report/finding-text.ts";
import { catalogueOf, languages } from "../../../../src/text/catalogue.ts";
import { notReady } from "../../../support/report-sample.ts";

describe.each(languages)("in %s", (language) => {
  const { report: text } = catalogueOf(language);
  const written = [
    ...notReady.findings.flatMap((finding) => Object.values(findingText(text.findings, finding))),
    ...notReady.schema.map((change) => changeText(text.schema, change)),
    ...notReady.rollback.flatMap(({ reasons }) =>
      reasons.map((each) => changeText(text.reasons, each)),
    ),
  ] as string[];

  test("every finding, change and reason has words", () => {
    const codes = new Set<string>(notReady.findings.map(({ code }) => code));
    expect(Object.keys(text.findings).filter((code) => !codes.has(code))).toEqual([]);
    expect(written.filter((words) => /undefined|\[object|NaN|^\s*$/.test(words))).toEqual([]);
  });
});
