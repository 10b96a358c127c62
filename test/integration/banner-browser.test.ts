import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { defaultColours } from "../../src/config/contrast.ts";
import { type Banner, nothingToTell, pageScript } from "../../src/messages/compose.ts";
import { executablePath, openBrowser, paleIn, sticksOutOf } from "../support/browser.ts";
import { Stage } from "./proxy.stage.ts";

const text =
  "BiomAid s’arrêtera un instant ce soir à 22 h 30 : « enregistrez » & <terminez> avant.";
const close = { "fr-FR": "Fermer", "en-GB": "Close" } as const;

describe.skipIf(executablePath === undefined)("the banner in a browser", () => {
  let stage: Stage;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    stage = await Stage.open();
    await stage.startApplication("slot 1", 1);
    await stage.pointTo(1);
    await mkdir(join(stage.folder, "control/messages"));
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  afterEach(() => context.close());

  const open = async (locale: keyof typeof close, width = 1280) => {
    context = await browser.newContext({ locale, viewport: { width, height: 700 } });
    page = await context.newPage();
    complaints = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
  };

  const announce = async (changes: Partial<Banner> = {}) => {
    const announcement = { id: "a", text, from: 0, until: null, ...defaultColours, ...changes };
    const script = await pageScript({ ...nothingToTell, announcement });
    await writeFile(join(stage.folder, "control/messages/page.js"), script!);
  };

  const show = async () => await page.goto(`${stage.origin}/page.html`);
  const banner = () => page.getByRole("status");

  const cases = (Object.keys(close) as (keyof typeof close)[]).flatMap((locale) =>
    [1280, 400].map((width) => [locale, width] as const),
  );

  test.each(cases)(
    "in %s, %d wide: is there, reads well and moves nothing about",
    async (locale, width) => {
      await open(locale, width);
      await announce();
      await show();
      await banner().getByText(text).waitFor();
      const { y, height } = (await page.locator("html > div").boundingBox())!;
      expect(y).toBe(0);
      expect((await page.locator("body").boundingBox())!.y).toBeCloseTo(height, 0);
      expect(await page.locator("body > *").count()).toBe(1);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      expect(await page.evaluate(sticksOutOf("html > div"))).toEqual([]);
      expect(await page.evaluate(paleIn("html > div"))).toEqual([]);
      const button = page.getByRole("button", { name: close[locale] });
      expect((await button.boundingBox())!.height).toBeGreaterThanOrEqual(44);
      expect(complaints).toEqual([]);
    },
  );

  test("whoever closes it does not see it again in this window, but sees the next one", async () => {
    await open("fr-FR");
    await announce();
    await show();
    // With the keyboard.
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await banner().count()).toBe(0);
    await show();
    expect(await banner().count()).toBe(0);
    await announce({ id: "b", text: "Autre chose" });
    await show();
    await banner().getByText("Autre chose").waitFor();
    await context.close();
    await open("fr-FR");
    await announce();
    await show();
    await banner().getByText(text).waitFor();
  });

  test("it begins and ends by the proxy's clock, not by the browser's", async () => {
    await open("fr-FR");
    const now = Date.now();
    await page.clock.setFixedTime(now + 5 * 3_600_000);
    await announce({ until: now + 3_600_000 });
    await show();
    await banner().getByText(text).waitFor();
    await announce({ from: now + 3_600_000 });
    await show();
    expect(await banner().count()).toBe(0);
    await announce({ until: now - 1000 });
    await show();
    expect(await banner().count()).toBe(0);
  });
});
