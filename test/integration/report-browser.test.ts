import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { renderReport } from "../../src/rehearsal/report/html/render.ts";
import { languages } from "../../src/text/catalogue.ts";
import { executablePath, openBrowser, paleIn, sticksOutOf } from "../support/browser.ts";
import { hostile } from "../support/report-findings-sample.ts";
import { notReady, readyWithRemarks } from "../support/report-sample.ts";

const samples = { "with remarks": readyWithRemarks, "not ready": notReady };
const names = Object.keys(samples) as (keyof typeof samples)[];

describe.skipIf(executablePath === undefined)("the report in a browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let requests: string[];

  beforeAll(async () => {
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  beforeEach(async () => {
    page = await browser.newPage();
    complaints = [];
    requests = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => {
      complaints.push(dialog.message());
      void dialog.dismiss();
    });
    page.on("request", (request) => requests.push(request.url()));
  });

  afterEach(() => page.close());

  /** Shows a sample with everything unfolded, as whoever looks for a fault in it would. */
  const show = async (name: keyof typeof samples, language: (typeof languages)[number]) => {
    const file = join(folder, "report.html");
    writeFileSync(file, renderReport(samples[name], language));
    await page.goto(pathToFileURL(file).href);
    await page.evaluate(
      "for (const each of document.querySelectorAll('details')) each.open = true",
    );
    return pathToFileURL(file).href;
  };

  const cases = names.flatMap((name) =>
    languages.flatMap((language) =>
      (["light", "dark"] as const).flatMap((scheme) =>
        [1280, 400].map((width) => [name, language, scheme, width] as const),
      ),
    ),
  );

  test.each(cases)(
    "%s, in %s, %s, %d wide: fits, reads well, asks for nothing",
    async (...shown) => {
      const [name, language, colorScheme, width] = shown;
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      const address = await show(name, language);
      expect(complaints).toEqual([]);
      expect(requests).toEqual([address]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      expect(await page.evaluate(sticksOutOf("main"))).toEqual([]);
      expect(await page.evaluate(paleIn("main"))).toEqual([]);
    },
  );

  test.each(names)("%s: prints on A4, on a number of pages somebody would print", async (name) => {
    await show(name, "fr");
    const paper = await page.pdf({ preferCSSPageSize: true });
    const text = paper.toString("latin1");
    const pages = text.match(/\/Type\s*\/Page\b(?!s)/g)!.length;
    expect(pages).toBeGreaterThan(2);
    expect(pages).toBeLessThan(name === "not ready" ? 35 : 12);
    expect(text).toMatch(/\/MediaBox\s*\[0 0 59[45][.\d]* 84[12][.\d]*\]/);
  });

  test("paper has a place to sign, and shows what the screen keeps folded", async () => {
    await show("with remarks", "en");
    await page.evaluate(
      "for (const each of document.querySelectorAll('details')) each.open = false",
    );
    const seen = async (selector: string) =>
      (await page.locator(selector).first().boundingBox())?.height ?? 0;
    expect(await seen(".sign")).toBe(0);
    expect(await page.locator(".inside").first().isVisible()).toBe(false);
    await page.emulateMedia({ media: "print" });
    expect(await seen(".sign")).toBeGreaterThan(80);
    expect(await page.locator(".inside").first().isVisible()).toBe(true);
  });

  test("what somebody hostile wrote is read as text", async () => {
    await show("not ready", "en");
    expect(await page.evaluate("document.querySelectorAll('script, img').length")).toBe(0);
    expect(await page.evaluate("document.body.innerText")).toContain(hostile);
    expect(complaints).toEqual([]);
  });
});
