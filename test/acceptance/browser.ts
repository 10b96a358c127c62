import type { Browser, Page } from "playwright-core";
import { catalogueOf } from "../../src/text/catalogue.ts";
import { executablePath, openBrowser, paleIn, sticksOutOf } from "../support/browser.ts";
import type { Check } from "./report.ts";
import { people, signInAt, signPage } from "./users.ts";

const page = "/geqip-chuap/dem/";
const inside = `document.querySelector("biomaid-news").shadowRoot`;
const looks = [
  ["fr", "fr-FR", 1280],
  ["fr", "fr-FR", 400],
  ["en", "en-GB", 1280],
  ["en", "en-GB", 400],
] as const;

export interface Told {
  readonly origin: string;
  /** Whose news users are shown; nobody has seen them yet. */
  readonly version: string;
  /** Text of the banner. */
  readonly announced: string;
}

/** What users are told in BiomAid's own pages, as a browser shows it; nothing where there is no browser. */
export async function browserChecks(told: Told): Promise<Check[]> {
  if (executablePath === undefined) return [];
  const { origin, version, announced } = told;
  const [script, everything] = await Promise.all(
    ["page.js", "whats-new.html"].map((file) => fetch(`${origin}/biomaid-updater/${file}`)),
  );
  // Not every release has notes.
  if (everything!.status === 404) {
    const what = `browser: nothing is told of ${version} but the banner`;
    const text = await script!.text();
    return [{ what, passed: text.includes(announced) && !text.includes("showNews") }];
  }
  const browser = await openBrowser();
  try {
    const checks: Check[] = [];
    for (const look of looks) checks.push(await lookAtPage(browser, told, look));
    return [...checks, ...(await onceEach(browser, told))];
  } finally {
    await browser.close();
  }
}

async function lookAtPage(
  browser: Browser,
  { origin, version, announced }: Told,
  [language, locale, width]: (typeof looks)[number],
): Promise<Check> {
  const viewport = { width, height: 800 };
  const context = await browser.newContext({ baseURL: origin, locale, viewport });
  const shown = await context.newPage();
  const faults: string[] = [];
  try {
    await signInAt(shown, people[0]);
    shown.on("console", (message) => {
      // BiomAid's own pages complain now and then.
      if (message.location().url.includes("/biomaid-updater")) faults.push(message.text());
    });
    await shown.goto(page);
    const name = catalogueOf(language).news.title(version);
    await boxOf(shown).getByRole("heading", { name }).waitFor();
    const { x, y, width: wide, height } = (await boxOf(shown).boundingBox())!;
    if (x < 0 || y < 0 || x + wide > width || y + height > viewport.height) {
      faults.push("the box is not all in the window");
    }
    for (const fault of [sticksOutOf(".box", inside), paleIn(".box", inside)]) {
      faults.push(...(await shown.evaluate<string[]>(fault)));
    }
    const banner = shown.locator("html > div").filter({ hasText: announced });
    if ((await banner.boundingBox())?.y !== 0) faults.push("the banner is not above the page");
    const withBox = await shown.evaluate(layout);
    await shown.evaluate(`document.querySelector("biomaid-news").remove()`);
    if (withBox !== (await shown.evaluate(layout))) faults.push("the box moves BiomAid's page");
  } catch (error) {
    faults.push(String(error).split("\n")[0]!);
  } finally {
    await context.close();
  }
  const what = `browser: ${language}, ${width} wide: banner and what is new in ${version} are there, and in nobody's way`;
  return { what, passed: faults.length === 0, seen: faults.join(", ") };
}

/** Where everything of the page is. */
const layout = `JSON.stringify([document.documentElement.scrollWidth, document.documentElement.scrollHeight,
  ...[...document.querySelectorAll("body, body *")].map((each) => {
    const { x, y, width, height } = each.getBoundingClientRect();
    return [x, y, width, height].map(Math.round);
  })])`;

async function onceEach(browser: Browser, { origin, version }: Told): Promise<Check[]> {
  const contexts = await Promise.all([1, 2].map(() => browser.newContext({ baseURL: origin })));
  const [here, elsewhere] = await Promise.all(contexts.map((context) => context.newPage()));
  const checks: Check[] = [];
  const expectBox = async (what: string, shown: Page, path: string, expected: boolean) => {
    await shown.goto(path, { waitUntil: "networkidle" });
    const there = (await boxOf(shown).count()) > 0;
    checks.push({ what: `browser: ${what}`, passed: there === expected });
  };
  try {
    await expectBox("nothing new on the sign-in page", here!, signPage, false);
    await signInAt(here!, people[0]);
    await expectBox("what is new is shown", here!, page, true);
    const noted = here!.waitForResponse((response) => response.request().method() === "POST");
    await boxOf(here!).locator("[data-close]").click();
    const status = (await noted).status();
    checks.push({
      what: "browser: closing it is noted",
      passed: status === 204,
      seen: `${status}`,
    });
    await expectBox("whoever has closed it does not see it again", here!, page, false);
    await signInAt(elsewhere!, people[0]);
    await expectBox("… nor at another computer", elsewhere!, page, false);
    await signInAt(here!, people[1]);
    await expectBox("who signs in next in that window does", here!, page, true);
    const all = await here!.goto("/biomaid-updater/whats-new.html");
    const passed = all?.status() === 200 && (await here!.innerText("h1")).includes(version);
    checks.push({ what: "browser: the page with everything is there", passed });
  } finally {
    await Promise.all(contexts.map((context) => context.close()));
  }
  return checks;
}

function boxOf(shown: Page) {
  return shown.getByRole("dialog").and(shown.locator(".box"));
}
