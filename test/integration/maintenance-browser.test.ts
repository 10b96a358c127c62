import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { executablePath, openBrowser, paleIn, sticksOutOf } from "../support/browser.ts";
import { Stage } from "./proxy.stage.ts";

const words = {
  "fr-FR": { title: "BiomAid est en cours de mise à jour", send: "Renvoyer" },
  "en-GB": { title: "BiomAid is being updated", send: "Send again" },
} as const;

/** What the stand-in application says it was sent. */
interface Seen {
  readonly application: string;
  readonly method: string;
  readonly bytes: number;
  readonly sha256: string;
}

describe.skipIf(executablePath === undefined)("the maintenance page in a browser", () => {
  let stage: Stage;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    stage = await Stage.open();
    await stage.startApplication("slot 1", 1);
    await stage.startApplication("slot 2", 2);
    await stage.startGate("app.sock", { holdMax: 200, expectedHold: "170000" });
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await stage?.pointTo(1);
    await stage?.close();
  });

  beforeEach(async () => {
    await stage.pointTo("gate");
  });

  afterEach(() => context.close());

  const open = async (locale: keyof typeof words, width: number, javaScriptEnabled = false) => {
    context = await browser.newContext({
      locale,
      javaScriptEnabled,
      viewport: { width, height: 700 },
    });
    page = await context.newPage();
  };

  /** Posts a form from a page of its own, as it was before the gate closed. */
  const post = async (form: string, fill: (page: Page) => Promise<void>): Promise<void> => {
    const server = createServer((_, response) => {
      response.setHeader("Content-Type", "text/html; charset=utf-8").end(form);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await fill(page);
    await page.click("button");
    server.close();
  };

  const seen = async (): Promise<Seen> => JSON.parse(await page.innerText("body")) as Seen;

  const cases = (Object.keys(words) as (keyof typeof words)[]).flatMap((locale) =>
    ([1280, 400] as const).flatMap((width) =>
      (["light", "dark"] as const).map((scheme) => [locale, width, scheme] as const),
    ),
  );

  test.each(cases)(
    "in %s, %d wide, %s: fits and reads well",
    async (locale, width, colorScheme) => {
      await open(locale, width, true);
      await page.emulateMedia({ colorScheme });
      const file = "un nom de fichier qui n’en finit pas ".repeat(4);
      const form = `<form method="post" action="${stage.origin}/dem/" enctype="multipart/form-data"><textarea name="motif">a</textarea><input type="file" name="piece"><button>Enregistrer</button></form>`;
      await post(form, async (page) => {
        await page.setInputFiles("input", {
          name: file,
          mimeType: "text/plain",
          buffer: Buffer.from("x"),
        });
      });
      expect(await page.title()).toBe(words[locale].title);
      expect(await page.getAttribute("html", "lang")).toBe(locale.slice(0, 2));
      expect(await page.getByRole("main").getByRole("heading", { level: 1 }).count()).toBe(1);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      expect(await page.evaluate(sticksOutOf("main"))).toEqual([]);
      expect(await page.evaluate(paleIn("body"))).toEqual([]);
      // Found by its label, as a screen reader does.
      expect(await page.getByLabel(file.trim()).count()).toBe(1);
      const size = await page.getByRole("button", { name: words[locale].send }).boundingBox();
      expect(size?.height).toBeGreaterThanOrEqual(44);
    },
  );

  test("reloads into the page that was asked for, without JavaScript", async () => {
    await open("fr-FR", 1280);
    await page.goto(`${stage.origin}/dem/?page=2`);
    expect(await page.title()).toBe(words["fr-FR"].title);
    await stage.pointTo(2);
    await page.waitForFunction("document.body.innerText.includes('slot 2')", undefined, {
      timeout: 15_000,
    });
    expect(page.url()).toBe(`${stage.origin}/dem/?page=2`);
    expect((await seen()).method).toBe("GET");
  });

  test("a form sent into a hold arrives as it was, when its author sends it again", async () => {
    const text = 'Échographe « cœur » & <sonde>\nà remplacer, "vite" ; l\'ancien + 1 = 2 %';
    const form = `<form method="post" action="${stage.origin}/dem/?a=1"><input type="hidden" name="csrf" value="t0k"><textarea name="motif"></textarea><select name="choix" multiple><option selected>1<option selected>2</select><input name="vide"><button name="geste" value="créer">Enregistrer</button></form>`;
    const send = async () => await post(form, (page) => page.fill("textarea", text));
    await open("fr-FR", 400);
    await stage.pointTo(1);
    await send();
    const direct = await seen();
    await stage.pointTo("gate");
    await send();
    expect(await page.title()).toBe(words["fr-FR"].title);
    // Impatient: still closed, and nothing is lost by it.
    await page.getByRole("button", { name: "Renvoyer" }).click();
    expect(await page.title()).toBe(words["fr-FR"].title);
    await stage.pointTo(2);
    await page.getByRole("button", { name: "Renvoyer" }).click();
    expect(await seen()).toMatchObject({ ...direct, application: "slot 2", headers: {} });
    expect(page.url()).toBe(`${stage.origin}/dem/?a=1`);
  });
});
