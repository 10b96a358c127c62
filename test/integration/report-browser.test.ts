import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { browserIn } from "../../scripts/setup/browser.mjs";
import { renderReport } from "../../src/report/html/render.ts";
import { languages } from "../../src/text/catalogue.ts";
import { hostile } from "../support/report-findings-sample.ts";
import { notReady, readyWithRemarks } from "../support/report-sample.ts";

const executablePath = browserIn(process.env["PATH"] ?? "");
if (executablePath === undefined)
  process.stderr.write(
    "! The report is not tried in a browser: there is no chromium on the PATH.\n",
  );

const quiet = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const samples = { "with remarks": readyWithRemarks, "not ready": notReady };
const names = Object.keys(samples) as (keyof typeof samples)[];

describe.skipIf(executablePath === undefined)("the report in a browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let requests: string[];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath!, args: quiet });
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
      expect(await page.evaluate(sticksOut)).toEqual([]);
      expect(await page.evaluate(pale)).toEqual([]);
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

/** Texts that reach past the side of the window, or of the box that cuts them off. */
const sticksOut = `[...document.querySelectorAll("main *:not(svg *)")]
  .filter((each) => each.checkVisibility() && getComputedStyle(each).position !== "absolute")
  .filter((each) => !each.closest(".stack thead"))
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 0.5 || each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0)
  .map((each) => each.outerHTML.slice(0, 120))`;

/** Texts whose contrast with what is behind them is less than 4.5, by WCAG's formula. */
const pale = `(() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = parse(getComputedStyle(each).backgroundColor);
      if (colour[3] !== 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = new Set();
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const ink = parse(element.closest("svg") ? style.fill : style.color);
    const [light, dark] = [luminance(ink), luminance(behind(element))].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) found.add(contrast.toFixed(2) + " " + element.outerHTML.slice(0, 100));
  }
  return [...found];
})()`;
