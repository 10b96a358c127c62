import { describe, expect, test } from "vitest";
import { summaryOf } from "../../../../src/rehearsal/report/summary.ts";
import { catalogueOf, languages } from "../../../../src/text/catalogue.ts";
import { failed, notReady, ready, readyWithRemarks } from "../../../support/report-sample.ts";

const en = catalogueOf("en");

test.each(languages)("a summary in %s is one screen, however much was found", (language) => {
  const lines = summaryOf(notReady, catalogueOf(language)).split("\n");
  expect(lines.length).toBeLessThanOrEqual(24);
  expect(lines.filter((line) => /^[✖!]/u.test(line) && line.length > 80)).toEqual([]);
});

describe("the summary", () => {
  test("begins with the verdict and ends with the command to type", () => {
    const lines = summaryOf(readyWithRemarks, en).split("\n");
    expect(lines[0]).toBe("Ready, with remarks: 3 remarks to read first.");
    expect(lines[1]).toContain("0.8.0 → 0.8.2");
    expect(lines.at(-1)).toBe("Next: updater swap 0.8.2");
    expect(summaryOf(ready, en).split("\n").at(-1)).toBe("Next: updater swap 0.8.2");
  });

  test("names every blocking code before any remark, so that it can be overridden", () => {
    const codes = [...summaryOf(notReady, en).matchAll(/^([✖!]) \[([\w-]+)\]/gmu)];
    const blocking = notReady.findings.filter(({ severity }) => severity === "blocking");
    expect(codes.map(([, , code]) => code).slice(0, 10)).toEqual([
      ...new Set(blocking.map(({ code }) => code)),
    ]);
    expect(summaryOf(notReady, en)).toMatch(/and 15 more: .*--report/);
  });

  test("puts alike findings on one line and counts them", () => {
    expect(summaryOf(notReady, en)).toMatch(/\[rows-lost\] dem_demande .*\(\+2 alike\)$/m);
  });

  test("tells what to insist on, unless insisting would not help", () => {
    const refused = {
      ...readyWithRemarks,
      verdict: "not-ready",
      findings: notReady.findings.filter(
        ({ code }) => code === "rows-lost" || code === "long-lock",
      ),
    } as const;
    expect(summaryOf(refused, en)).toContain(
      "updater swap 0.8.2 --override rows-lost --override long-lock",
    );
    expect(summaryOf(failed, en)).not.toContain("--override");
    expect(summaryOf(failed, en)).toContain("It ended at “Migrate”");
  });

  test("counts the tables whose rows a rollback keeps", () => {
    expect(summaryOf(readyWithRemarks, en)).toContain(
      "Tables a rollback keeps: 5 lossless, 1 lossy, 1 impossible",
    );
  });
});
