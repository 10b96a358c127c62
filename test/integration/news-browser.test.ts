import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, Page, Request } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { defaultColours } from "../../src/config/contrast.ts";
import { nothingToTell, pageScript } from "../../src/messages/compose.ts";
import { composeNews, newsPage } from "../../src/messages/news.ts";
import { parseReleaseNotes } from "../../src/source/release-notes.ts";
import { executablePath, openBrowser, paleIn, sticksOutOf } from "../support/browser.ts";
import { Stage } from "./proxy.stage.ts";

const notes = parseReleaseNotes(`## Version 0.15 (21 juin 2024)
### Pour tout le monde :
- [X] Un manager **peut** gérer les \`rôles\`, voir [la page](https://example.org/page)
- [X] <img src=x onerror="document.title='broken'"> & "clôture" [non](javascript:alert(1))
### Experts :
- [X] Une Recherche-des-équipements-par-numéro-de-série-et-par-fournisseur-habituel-du-service
### Services demandeurs
- [X] L'urgence a quatre degrés
## Version 0.14 (26 septembre 2023)
### Experts
- [X] Des graphiques
`);
const titles = {
  "fr-FR": ["Les nouveautés de BiomAid 0.15", "Fermer"],
  "en-GB": ["What is new in BiomAid 0.15", "Close"],
} as const;
const inside = `document.querySelector("biomaid-news").shadowRoot`;

describe.skipIf(executablePath === undefined)("what is new in a browser", () => {
  let stage: Stage;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];
  /** What the application was asked, and what it says. */
  let asked: Request[];
  let user: object | undefined;

  beforeAll(async () => {
    stage = await Stage.open();
    await stage.startApplication("slot 1", 1);
    await stage.pointTo(1);
    await mkdir(join(stage.folder, "control/messages"));
    browser = await openBrowser();
    await tell();
  });

  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  afterEach(() => context.close());

  const tell = async ({
    until = Date.now() + 3_600_000,
    announced = false,
    box = undefined as string | undefined,
  } = {}) => {
    const news = await composeNews({
      version: "0.15",
      notes,
      roles: { experts: ["EXP"], "Services demandeurs": ["CAD", "CHS"] },
      ...defaultColours,
      box,
      page: undefined,
    });
    const banner = { id: "a", text: "Ce soir", from: 0, until: null, ...defaultColours };
    const announcement = announced ? banner : null;
    const script = await pageScript({ ...nothingToTell, announcement, news: { ...news, until } });
    await writeFile(join(stage.folder, "control/messages", newsPage), news.page);
    await writeFile(join(stage.folder, "control/messages/page.js"), script!);
  };

  const open = async (locale: keyof typeof titles = "fr-FR", width = 1280) => {
    context = await browser.newContext({ locale, viewport: { width, height: 700 } });
    page = await context.newPage();
    complaints = [];
    asked = [];
    user = { signedIn: true, seen: false, roles: ["EXP"], cookie: "csrftoken" };
    await become("anne");
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await context.route("**/biomaid-updater-user*", async (route) => {
      asked.push(route.request());
      await (user ? route.fulfill({ json: user }) : route.fulfill({ status: 503 }));
    });
  };

  /** Django gives this cookie another value when somebody signs in. */
  const become = async (name: string) =>
    await context.addCookies([{ name: "csrftoken", value: name, url: stage.origin }]);
  const box = () => page.getByRole("dialog");
  const show = async () => {
    await page.goto(`${stage.origin}/page.html`);
    await box().waitFor();
  };
  const showNothing = async () => {
    await page.goto(`${stage.origin}/page.html`, { waitUntil: "networkidle" });
    expect(await box().count()).toBe(0);
  };

  const cases = (Object.keys(titles) as (keyof typeof titles)[]).flatMap((locale) =>
    [1280, 400].map((width) => [locale, width] as const),
  );

  test.each(cases)(
    "in %s, %d wide: is there, reads well and moves nothing about",
    async (locale, width) => {
      await open(locale, width);
      await show();
      const [title, close] = titles[locale];
      await page.getByRole("status").getByText(title).waitFor();
      expect(await page.getByRole("dialog", { name: title }).count()).toBe(1);
      const { x, y, height, width: wide } = (await box().boundingBox())!;
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + wide).toBeLessThanOrEqual(width);
      expect(y).toBeGreaterThanOrEqual(700 * 0.25);
      expect(y + height).toBeLessThanOrEqual(700);
      expect((await page.locator("body").boundingBox())!.y).toBe(0);
      expect(await page.locator("body > *").count()).toBe(1);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      expect(await page.evaluate(sticksOutOf(".box", inside))).toEqual([]);
      expect(await page.evaluate(paleIn(".box", inside))).toEqual([]);
      const button = page.getByRole("button", { name: close });
      expect((await button.boundingBox())!.height).toBeGreaterThanOrEqual(44);
      expect(await page.evaluate("document.activeElement === document.body")).toBe(true);
      expect(await page.title()).toBe("é");
      expect(complaints).toEqual([]);
    },
  );

  test("is what concerns a user, by their roles; nothing where that is nothing", async () => {
    await open();
    await show();
    expect(await box().innerText()).toMatch(/manager peut[^]*<img[^]*Recherche[^]*graphiques/);
    expect(await box().innerText()).not.toContain("quatre degrés");
    user = { ...user, roles: ["CHS"] };
    await show();
    expect(await box().innerText()).toContain("quatre degrés");
    expect(await box().innerText()).not.toMatch(/Recherche|0\.14/);
  });

  test("is closed with the keyboard, by the button or Escape, and not asked for again in that window", async () => {
    await open();
    await show();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await box().count()).toBe(0);
    await expect.poll(() => asked.map((request) => request.method())).toEqual(["GET", "POST"]);
    expect(asked[1]!.headers()).toMatchObject({ "x-biomaid-updater": "1" });
    await showNothing();
    expect(asked.length).toBe(2);

    // Somebody else signs in there.
    await become("bruno");
    await show();
    await page.keyboard.press("Escape");
    expect(await box().count()).toBe(0);
    await become("anne");
    user = { ...user, seen: true };
    await showNothing();
    expect(asked.length).toBe(5);
  });

  test("leaves the focus and Escape to a field somebody is typing in", async () => {
    await open();
    await show();
    await page.evaluate("document.body.innerHTML = '<input autofocus>'");
    await page.focus("input");
    await page.keyboard.press("Escape");
    expect(await box().count()).toBe(1);
  });

  test("is not asked for again where a window cannot tell its users apart, yet nobody misses it", async () => {
    await open();
    user = { ...user, seen: true, cookie: null };
    await showNothing();
    await showNothing();
    expect(asked.length).toBe(2);
  });

  test.each([
    ["has not signed in", { signedIn: false }],
    ["has seen it", { signedIn: true, seen: true, roles: [], cookie: "csrftoken" }],
    ["is known to an application that is in trouble", undefined],
  ])("is not for whoever %s", async (_, answer) => {
    await open();
    user = answer;
    await showNothing();
    expect(asked.length).toBe(1);
  });

  test("is in no frame, and in no window that a page has opened", async () => {
    await open();
    await page.goto(`${stage.origin}/biomaid-updater/${newsPage}`);
    await page.evaluate("document.body.innerHTML = '<iframe src=/page.html></iframe>'");
    await page.frameLocator("iframe").getByRole("heading", { name: "BiomAid" }).waitFor();
    // On plain http a browser does not say that it asks for a frame.
    await page.frames()[1]!.evaluate(`new Promise((resolve) => {
      const script = Object.assign(document.createElement("script"), { onload: resolve });
      script.dataset.now = "0";
      script.src = "/biomaid-updater/page.js";
      document.head.append(script);
    })`);
    const opened = page.waitForEvent("popup");
    await page.evaluate("void window.open('/page.html', '_blank', 'popup')");
    await (await opened).waitForLoadState("networkidle");
    await page.waitForLoadState("networkidle");
    expect(asked).toEqual([]);
  });

  test("ends by the proxy's clock, and takes no notice of the browser's", async () => {
    await open();
    await page.clock.setFixedTime(Date.now() + 5 * 3_600_000);
    await show();
    await tell({ until: Date.now() - 1000 });
    await showNothing();
    await tell();
    expect(asked.length).toBe(1);
  });

  test("is a box of the site's own where it has one, whose styles stay in it", async () => {
    const own = join(stage.folder, "box.html");
    const text = "<h1>Du service biomédical, {{version}}</h1>{{notes}}{{close}}";
    await writeFile(
      own,
      `<style>h1 { color: rgb(200, 0, 0) }</style><div role="dialog">${text}</div>`,
    );
    await tell({ box: own });
    await open();
    await show();
    await tell();
    await page.getByRole("heading", { name: "Du service biomédical, 0.15" }).waitFor();
    const colourIn = async (place: string) =>
      await page.evaluate(`getComputedStyle(${place}.querySelector("h1")).color`);
    expect(await colourIn(inside)).toBe("rgb(200, 0, 0)");
    expect(await colourIn("document.body")).toBe("rgb(0, 0, 0)");
    await box().getByRole("button", { name: "Fermer" }).click();
    expect(await box().count()).toBe(0);
  });

  test("goes with a banner", async () => {
    await tell({ announced: true });
    await open();
    await show();
    await tell();
    await page.getByText("Ce soir").waitFor();
    expect(complaints).toEqual([]);
  });

  test.each([1280, 400])("is a page for everyone, %d wide, without a script", async (width) => {
    context = await browser.newContext({
      javaScriptEnabled: false,
      viewport: { width, height: 700 },
    });
    page = await context.newPage();
    await page.goto(`${stage.origin}/biomaid-updater/${newsPage}`);
    const text = await page.innerText("body");
    expect(text).toMatch(/Les nouveautés[^]*What is new[^]*<img src=x[^]*Recherche[^]*quatre/);
    expect(await page.locator("img, script").count()).toBe(0);
    expect(
      await page.locator("main a").evaluateAll((all) => all.map((one) => one.outerHTML)),
    ).toEqual([expect.stringContaining('href="https://example.org/page"')]);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    expect(await page.evaluate(sticksOutOf("main"))).toEqual([]);
    expect(await page.evaluate(paleIn("body"))).toEqual([]);
  });
});
