import { describe, expect, test } from "vitest";
import { renderReport } from "../../../../../src/rehearsal/report/html/render.ts";
import type { RehearsalReport } from "../../../../../src/rehearsal/report/model.ts";
import { summaryOf } from "../../../../../src/rehearsal/report/summary.ts";
import { catalogueOf, languages } from "../../../../../src/text/catalogue.ts";
import { findingText, changeText } from "../../../../../src/rehearsal/report/finding-text.ts";
import { hostile } from "../../../../support/report-findings-sample.ts";
import { notReady, readyWithRemarks } from "../../../../support/report-sample.ts";

const en = catalogueOf("en");

const ready: RehearsalReport = { ...readyWithRemarks, verdict: "ready", findings: [] };

/** A release that does not survive its migrations: nothing after them is known. */
const failed: RehearsalReport = {
  ...readyWithRemarks,
  verdict: "not-ready",
  findings: [
    { severity: "blocking", code: "release-fails", step: "migrate", reason: "IntegrityError" },
  ],
  failure: { step: "migrate", reason: "IntegrityError" },
  hold: null,
  tables: [],
  sequences: [],
  schema: [],
  rollback: [],
  pages: [],
};

/** A document as a reader has it, without markup. */
const textOf = (html: string) =>
  html
    .replace(/<style>.*?<\/style>/s, "")
    .replace(/<[^>]*>/g, " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")
    .replace(/\s+/gu, " ");

const sectionOf = (html: string, id: string) =>
  textOf(html.slice(html.indexOf(`id="${id}"`)).split("</section>")[0]!);

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

  test("a summary is one screen, however much was found", () => {
    const lines = summaryOf(notReady, catalogueOf(language)).split("\n");
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(lines.filter((line) => /^[✖!]/u.test(line) && line.length > 80)).toEqual([]);
  });

  test("a document is one file that asks nothing of anybody", () => {
    const html = renderReport(notReady, language);
    expect(html).toContain(`<html lang="${language}">`);
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    const style = /<style>.*?<\/style>/s.exec(html)![0];
    expect(html.replace(style, "")).not.toMatch(
      /<(script|link|img|iframe|object)\b| (src|style|on\w+)="/i,
    );
    expect(style).not.toMatch(/@import|url\((?!#)/);
  });

  test("what was found is named as it is called, and never becomes markup", () => {
    for (const html of [
      renderReport(notReady, language),
      renderReport(readyWithRemarks, language),
    ]) {
      expect(html).not.toMatch(/<script|<img/i);
    }
    const text = textOf(renderReport(notReady, language));
    expect(text).toContain(`/${hostile}/`);
    for (const { table } of notReady.tables) expect(text).toContain(table);
    for (const { name } of notReady.migrations) expect(text).toContain(name);
  });

  test("headings are in order, tables say what they head, pictures what they show", () => {
    const html = renderReport(notReady, language);
    const levels = [...html.matchAll(/<h(\d)/g)].map(([, level]) => Number(level));
    expect(levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1)).toEqual([]);
    expect(html.match(/<th(?!ead)(?![^>]*scope=)/g)).toBeNull();
    const mute = [...html.matchAll(/<svg[^>]*>/g)].filter(
      ([svg]) => !/aria-hidden="true"|role="img"\s+aria-label(ledby)?="[^"]+"/.test(svg),
    );
    expect(mute).toEqual([]);
  });
});

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
    expect(summaryOf(notReady, en)).toMatch(/and 14 more: .*--report/);
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

describe("the document", () => {
  const html = renderReport(readyWithRemarks, "en");

  test("says at the top whether to go ahead, how long people wait, what is lost, how to come back", () => {
    const top = textOf(html.split("<nav")[0]!);
    expect(top).toContain("Ready, with remarks");
    expect(top).toMatch(/waits about 1.1\ss, once/u);
    expect(top).toContain("No row and no value that was compared.");
    expect(top).toContain("What was entered after the update comes along");
    expect(top).toContain("updater swap 0.8.2");
    expect(top).toContain("Signature");
  });

  test("sums up what would be lost", () => {
    const top = textOf(renderReport(notReady, "en").split("<nav")[0]!);
    expect(top).toContain("49,135 rows in 4 tables.");
    expect(top).toContain("What people entered in 2 columns is changed.");
    expect(top).toMatch(/would be about 41.2\ss, more than the 30\ss allowed/u);
  });

  test("tells measured parts of the wait from estimated ones", () => {
    const hold = sectionOf(html, "hold");
    expect(hold).toMatch(/Stop writes \(fence\)\s+estimated\s+12\sms/u);
    expect(hold).toMatch(/Migrate\s+412\sms/u);
  });

  test("shows the longest migration first, and says in which order they run", () => {
    const migrations = sectionOf(html, "migrations");
    expect(migrations).toMatch(
      /2 dem\.0003_devise .* 1 dem\.0002_echeance .* 3 common\.0007_libelle/,
    );
  });

  test("a table that is gone after the first start has no rows then", () => {
    expect(sectionOf(renderReport(notReady, "en"), "data")).toMatch(
      /extable_réforme removed, by BiomAid, when it starts\s+812\s+–/,
    );
  });

  test("does not take for nothing what could not be found out", () => {
    const document = renderReport(failed, "en");
    for (const id of ["hold", "data", "schema", "back", "pages"])
      expect(sectionOf(document, id)).toContain(
        "Not known: the rehearsal ended before, at “Migrate”.",
      );
  });

  test("says in a word where there is nothing", () => {
    const document = renderReport({ ...ready, migrations: [], schema: [] }, "en");
    expect(sectionOf(document, "findings")).toContain("Nothing that you need to know");
    expect(sectionOf(document, "migrations")).toContain("No migration is needed.");
    expect(sectionOf(document, "schema")).toContain("The structure stays as it is.");
  });
});

test.each([
  [0.2, "< 1 ms", "< 1 ms"],
  [340, "340 ms", "340 ms"],
  [999.7, "1.0 s", "1,0 s"],
  [30_000, "30 s", "30 s"],
  [125_000, "2 min 5 s", "2 min 5 s"],
])("%d ms: %s, %s", (milliseconds, english, french) => {
  const plain = (text: string) => text.replaceAll("\u00a0", " ");
  expect(plain(en.report.duration(milliseconds))).toBe(english);
  expect(plain(catalogueOf("fr").report.duration(milliseconds))).toBe(french);
});
