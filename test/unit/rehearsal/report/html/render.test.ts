import { describe, expect, test } from "vitest";
import { renderReport } from "../../../../../src/rehearsal/report/html/render.ts";
import { catalogueOf, languages } from "../../../../../src/text/catalogue.ts";
import { hostile } from "../../../../support/report-findings-sample.ts";
import { failed, notReady, ready, readyWithRemarks } from "../../../../support/report-sample.ts";

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

  test("how long a rollback keeps users waiting is told by what was predicted, where that is known", () => {
    const { duration, page } = catalogueOf(language).report;
    const plain = (words: string) => words.replace(/\s+/gu, " ");
    const predicted = plain(duration(ready.hold!.total));
    const told = (report: typeof ready) =>
      textOf(renderReport(report, language))
        .split(plain(page.short.back))[1]!
        .split(plain(page.short.next))[0];
    expect(told(ready)).toContain(` ${predicted})`);
    expect(told({ ...failed, hold: null })).not.toMatch(/\d\s(ms|s|min)\b/);
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
