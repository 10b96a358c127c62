import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { messageOf } from "../../src/errors.ts";
import { dies } from "../support/death.ts";
import { executablePath, openBrowser, paleIn, sticksOutOf } from "../support/browser.ts";
import type { Check } from "./report.ts";
import type { AcceptanceSite } from "./site.ts";
import { fillRequest, lookUpThrough, people, signInAt } from "./users.ts";

const visitors = [
  { locale: "fr-FR", width: 400, title: "BiomAid est en cours de mise à jour", again: "Renvoyer" },
  { locale: "en-GB", width: 1280, title: "BiomAid is being updated", again: "Send again" },
] as const;

/**
 * Two people send a request into a hold that outlasts hold.max, because the updater has died in it: they get the
 * maintenance page with their form, and what they send again arrives once.
 */
export async function formsInHold(
  site: AcceptanceSite,
  tag: string,
  overrides: readonly string[],
): Promise<readonly Check[]> {
  if (executablePath === undefined) {
    return [{ what: "hold: looked at in a browser", passed: false, seen: "no chromium" }];
  }
  const { operator, origin } = site;
  const prefix = `hold-${randomBytes(3).toString("hex")}`;
  const configuration = join(site.folder, "updater.toml");
  const text = await readFile(configuration, "utf8");
  const browser = await openBrowser();
  const checks: Check[] = [];
  try {
    const sent = await Promise.all(
      visitors.map(async (person) => {
        const { locale, width } = person;
        const context = await browser.newContext({
          baseURL: origin,
          locale,
          viewport: { width, height: 800 },
        });
        const page = await context.newPage();
        await signInAt(page, people[1]);
        const send = await fillRequest(page, `${prefix}-${locale}`);
        return { ...person, page, send };
      }),
    );
    await writeFile(configuration, `${text}\n[hold]\nmax = "2s"\ndrain = "1s"\n`);
    const argv = ["swap", tag, "--override", "hold-too-long", ...overrides];
    if (!(await dies(site, { at: "step-started:fence" }, ...argv)))
      throw new Error("the updater was to die in a hold");
    for (const { locale, width, title, page, send } of sent) {
      await send();
      checks.push(await looksWell(page, { locale, width, title }));
    }
    await writeFile(configuration, text);
    await operator.operate("recover");
    for (const { again, page } of sent) await page.getByRole("button", { name: again }).click();
  } catch (error) {
    checks.push({ what: "hold: people at a browser", passed: false, seen: messageOf(error) });
  } finally {
    await writeFile(configuration, text);
    await browser.close();
  }
  const held = (await lookUpThrough(operator)(prefix)).map(({ key }) => key).toSorted();
  const wanted = visitors.map(({ locale }) => `${prefix}-${locale}`).toSorted();
  checks.push({
    what: "hold: a form that was sent into it arrives once, when it is sent again",
    passed: held.join() === wanted.join(),
    seen: held.join(", "),
  });
  return checks;
}

async function looksWell(
  page: Page,
  {
    locale,
    width,
    title,
  }: { readonly locale: string; readonly width: number; readonly title: string },
): Promise<Check> {
  const found = {
    title: await page.title(),
    width: await page.evaluate<number>("document.documentElement.scrollWidth"),
    sticksOut: await page.evaluate<string[]>(sticksOutOf("main")),
    pale: await page.evaluate<string[]>(paleIn("body")),
  };
  const passed =
    found.title === title &&
    found.width === width &&
    found.sticksOut.length === 0 &&
    found.pale.length === 0;
  return {
    what: `hold: the maintenance page, ${locale}, ${width} wide`,
    passed,
    seen: passed ? found.title : JSON.stringify(found),
  };
}
