import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page, Request } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectEngine } from "../../src/engine/connect.ts";
import { openSession } from "../../src/engine/exec.ts";
import { baseImage } from "../../src/build/own-images.ts";
import { executablePath, openBrowser } from "../support/browser.ts";
import { asRoot } from "../support/engine.ts";
import { startMailServer } from "../support/mail.ts";
import { credentials, pages, tags } from "../support/miniature.ts";
import { once } from "../support/once.ts";
import { Scene } from "../support/scene.ts";
import type { Site } from "../support/site.ts";
import { expectExit } from "./expectations.ts";

describe.skipIf(executablePath === undefined)("users at their browsers", () => {
  let scene: Scene;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    scene = await Scene.set("e2e-telling-users");
    browser = await openBrowser();
    page = await browser.newPage({ locale: "fr-FR", baseURL: scene.site.origin });
    await signIn(page, 1);
  });

  afterAll(async () => {
    await browser?.close();
    await scene?.site.remove();
  });

  /** What browsers are given to tell their users; undefined when there is nothing. */
  const toldScript = async (): Promise<string | undefined> => {
    const answer = await fetch(`${scene.site.origin}/biomaid-updater/page.js`);
    return answer.status === 404 ? undefined : await answer.text();
  };

  test("a form that is sent while users wait for long arrives when its author sends it again", async () => {
    const { site } = scene;
    const ours = await readFile("src/gate/maintenance.html", "utf8");
    const file = join(site.folder, "maintenance.html");
    await writeFile(file, ours.replace("<main>", "<main><p>Service biomédical</p>"));
    await site.configure({
      hold: `max = "2s"\ndrain = "1s"`,
      messages: `maintenance_page = "maintenance.html"\nswap_banner = "Bientôt {{version}}"`,
    });
    await page.goto(pages.signedIn[0]);
    await page.fill("[name=libelle]", "Échographe « cœur »");
    await page.fill("[name=montant]", "12.50");

    let sent: Promise<void> | undefined;
    await site.operate(["swap", tags.additive, "--foreground"], ({ type, step }, _, kill) => {
      if (type !== "step-started" || step !== "fence") return;
      kill();
      sent = page.click("button");
    });
    await sent;
    expect(await toldScript()).toContain(`Bientôt ${tags.additive}`);
    expect(await page.innerText("main")).toMatch(
      /Service biomédical[^]*n’est pas encore enregistré/,
    );
    expectExit(await site.operate(["recover"]), 0);
    expect(await toldScript()).toBeUndefined();
    await page.getByRole("button", { name: "Renvoyer" }).click();

    expect(await page.innerText("h1")).toMatch(/^Demande \d+$/);
    expect(await page.innerText("ul")).toContain("Échographe « cœur », 12.50 €");
    await site.configure({});
  });

  test("an announcement is on users' pages from its beginning until it is taken away", async () => {
    const { site } = scene;
    const text = "BiomAid s’arrête un instant ce soir.";
    const told = await site.run("announce", text, "--until", "23:59");
    expect(told.exitCode, told.all).toBe(0);
    await page.goto(pages.signedIn[0]);
    await page.getByRole("status").getByText(text).waitFor();
    expect((await site.run("status")).stdout).toContain(text);
    expect(JSON.parse((await site.run("--json", "announce")).stdout)).toMatchObject({
      type: "announcement",
      announcement: { text, until: expect.stringMatching(/T2[12]:59:00/) },
    });

    const reversed = await site.run(
      "announce",
      "x",
      "--from",
      "2099-01-02 10:00",
      "--until",
      "2099-01-01 10:00",
    );
    expect([reversed.exitCode, reversed.all]).toEqual([
      1,
      expect.stringContaining("before it begins"),
    ]);
    const misspelt = await site.run("announce", "x", "--until", "24:10");
    expect([misspelt.exitCode, misspelt.all]).toEqual([
      2,
      expect.stringContaining("“24:10” is no time"),
    ]);

    expect((await site.run("announce", "--remove")).exitCode).toBe(0);
    await page.goto(pages.signedIn[0]);
    expect(await page.locator("html > div").count()).toBe(0);
    expect(await toldScript()).toBeUndefined();
  });

  /** A swap that told users of itself, by banner and by mail, and then what is new. */
  const swapped = once(async () => {
    const { site } = scene;
    await writeFile(
      join(site.folder, "before.txt"),
      "Mise a jour {{version}}\n\nDepuis {{previous}}.\n",
    );
    await site.configure({
      messages: `swap_banner = "Bientôt {{version}}"`,
      "messages.whats_new": `enabled = true
roles = { "nouveautés" = ["Experts"], "Sous le capot" = ["EXP"] }`,
      "messages.mail": `groups = ["Experts", "Personne"]\nbefore = "before.txt"`,
    });
    await inBiomaid(site, experts);
    // In the version that is left only: the new one finds no server.
    const heard = await startMailServer(site);
    const warnings: unknown[] = [];
    let seen: Promise<string> | undefined;
    const swap = await site.operate(["swap", tags.additive], (event) => {
      const { type, step } = event;
      if (type === "warning") warnings.push(event["code"], event["parameters"]);
      if (type !== "step-started" || step !== "start-candidate") return;
      seen = page
        .goto(pages.signedIn[0])
        .then(async () => await page.getByText("Bientôt").innerText());
    });
    await site.configure({});
    expectExit(swap, 0);
    return { heard, warnings, seen: await seen, told: await toldScript() };
  });

  test(
    "a swap tells users that it is coming, and stops when it has come",
    { tags: "long" },
    async () => {
      const { heard, warnings, seen, told } = await swapped();

      expect(heard.filter((line) => line.startsWith("To: "))).toEqual(["To: user01@example.org"]);
      expect(heard).toEqual(
        expect.arrayContaining([`Subject: Mise a jour ${tags.additive}`, `Depuis ${tags.first}.`]),
      );
      expect(warnings).toEqual([
        "mailIncomplete",
        { refused: 1, unknown: ["Personne"] },
        "mailFails",
        { reason: expect.stringMatching(/Error/) },
      ]);
      expect((await scene.site.run("logs", "--operation")).stdout).not.toContain("a.b@example");
      expect(seen).toBe(`Bientôt ${tags.additive}`);
      expect(told).not.toContain("Bientôt");
      expect(warnings).not.toContain("proxyTellsNothing");
    },
  );

  describe("what is new after a swap", () => {
    beforeAll(async () => void (await swapped()));

    const box = () => page.getByRole("dialog");
    const [dated, underlined, hidden] = [/échéance/, /titres des pages/, /Une table/];

    const address = `/biomaid-updater-user?version=${tags.additive}`;
    /** What the application says of whoever is signed in there. */
    const said = async (shown: Page): Promise<unknown> =>
      await (await shown.request.get(address)).json();
    /** How often the next page asks it. */
    const asked = async (shown: Page): Promise<number> => {
      let times = 0;
      const count = (request: Request) => (times += request.url().endsWith(address) ? 1 : 0);
      shown.on("request", count);
      await shown.goto(pages.signedIn[1], { waitUntil: "networkidle" });
      shown.off("request", count);
      return times;
    };

    /** One user has seen it, and closed it. */
    const closed = once(async () => {
      await signIn(page, 1);
      await page.goto(pages.signedIn[0]);
      const title = `Les nouveautés de BiomAid ${tags.additive}`;
      await box().getByRole("heading", { name: title }).waitFor();
      // Until it is closed.
      const before = await asked(page);
      const told = page.waitForResponse((response) => response.request().method() === "POST");
      await box().getByRole("button", { name: "Fermer" }).click();
      return { before, status: (await told).status(), after: await asked(page) };
    });

    test("is shown to each user once, at whichever computer", async () => {
      expect(await closed()).toEqual({ before: 1, status: 204, after: 0 });

      const elsewhere = await browser.newPage({ locale: "fr-FR", baseURL: scene.site.origin });
      await signIn(elsewhere, 1);
      expect(await said(elsewhere)).toMatchObject({ signedIn: true, seen: true });
      expect(await elsewhere.getByRole("dialog").count()).toBe(0);
      await elsewhere.close();
    });

    test.each([
      ["nobody in particular", 9, [underlined], [dated, hidden]],
      ["a member of a group", 0, [underlined, dated], [hidden]],
    ] as const)(
      "is, for %s in the window of somebody else, what concerns them",
      async (_, number, shown, left) => {
        await signIn(page, number);
        await box().waitFor();
        const text = await box().innerText();
        for (const one of shown) expect(text).toMatch(one);
        for (const one of left) expect(text).not.toMatch(one);
      },
    );

    test("is for those who have a role in BiomAid's own tables, too", async () => {
      const role = `from common.models import Role, User
Role.objects.create(user=User.objects.get(username="user11"), programme_id=1, role_code="EXP")`;
      await inBiomaid(scene.site, role);
      await signIn(page, 10);
      await box().waitFor();
      expect(await box().innerText()).toMatch(hidden);
    });

    test("is told by nobody but who has signed in, and only from BiomAid's own pages", async () => {
      const stranger = await browser.newContext({ baseURL: scene.site.origin });
      expect(await (await stranger.request.get(address)).json()).toEqual({ signedIn: false });
      const headers = { "X-BiomAid-Updater": "1" };
      expect((await stranger.request.post(address, { headers })).status()).toBe(403);
      expect((await page.request.post(address)).status()).toBe(403);
      expect((await page.request.get("/biomaid-updater-user?version=../..")).status()).toBe(400);
      await stranger.close();
    });

    test("can be taken away and brought again, and changes nothing that is no page", async () => {
      const { site } = scene;
      const status = async () => (await site.run("status")).stdout;
      const line = `Users are shown what is new in ${tags.additive} until`;
      expect(await status()).toContain(line);
      expect(await (await page.goto("/biomaid-updater/whats-new.html"))!.text()).toMatch(hidden);
      const inBackground = { "X-Requested-With": "XMLHttpRequest", Accept: "text/html" };
      const others = async () =>
        await Promise.all(
          [pages.signedIn[1], `${pages.ledger}?count`, "/static/edition.txt"].map(async (path) => {
            const answer = await page.request.get(path, { headers: inBackground });
            const { date: _, ...headers } = answer.headers();
            return { status: answer.status(), headers, body: await answer.body() };
          }),
        );
      const told = await others();

      expect((await site.run("announce", "--whats-new", "--remove")).exitCode).toBe(0);
      expect(await others()).toEqual(told);
      expect(await toldScript()).toBeUndefined();
      expect((await page.goto("/biomaid-updater/whats-new.html"))!.status()).toBe(404);
      expect(await status()).not.toContain(line);

      const brought = await site.run("announce", "--whats-new");
      expect([brought.exitCode, brought.stdout]).toEqual([0, expect.stringContaining(line)]);
      await page.goto(pages.signedIn[0]);
      await box().getByText(dated).waitFor();
    });

    test("is gone with the version it is about", async () => {
      await scene.reach(tags.additive);
      expectExit(await scene.site.operate(["rollback"]), 0);
      expect(await toldScript()).toBeUndefined();
      await page.goto(pages.signedIn[0]);
      expect(await box().count()).toBe(0);
    });

    test(
      "comes with whoever finishes for an updater that was killed, and is known to those who have seen it",
      { tags: "long" },
      async () => {
        const { site } = scene;
        await closed();
        await scene.reach(tags.first);
        await site.configure({ "messages.whats_new": "enabled = true" });
        await site.operate(["swap", tags.additive, "--foreground"], ({ type, step }, _, kill) => {
          if (type === "step-started" && step === "stop-gates") kill();
        });
        expect(await toldScript()).toBeUndefined();
        expectExit(await site.operate(["recover"]), 0);
        await site.configure({});
        await signIn(page, 5);
        await box().getByText(hidden).waitFor();
        await signIn(page, 1);
        expect(await said(page)).toMatchObject({ signedIn: true, seen: true });
        expect(await box().count()).toBe(0);
      },
    );
  });

  test("the quietest half-hours of the week are named, from what the proxy has logged", async () => {
    const { site } = scene;
    const young = await site.run("slots");
    expect([young.exitCode, young.all]).toEqual([
      1,
      expect.stringContaining("Try again in a week"),
    ]);

    // Three weeks of office hours, as nginx would have logged them.
    const now = Math.floor(Date.now() / 1_800_000) * 1_800_000;
    const lines = Array.from({ length: 21 * 48 }, (_, back) => {
      const at = new Date(now - back * 1_800_000);
      const busy =
        atClock(at) >= "08" && atClock(at) < "18"
          ? 5
          : atClock(at) >= "02" && atClock(at) < "05"
            ? 0
            : 1;
      return `192.0.2.1 [${at.toISOString().replace(/\.\d+Z/, "+00:00")}] "GET /geqip-chuap/dem/ HTTP/1.1" 200 5 0.1s upstream 0.1s "x"\n`.repeat(
        busy,
      );
    });
    const engine = await connectEngine();
    const proxy = await openSession(engine, `biomaid-${site.instance}-proxy`, [
      "sh",
      "-c",
      "cat >/proc/1/fd/1",
    ]);
    proxy.stdin.end(lines.join(""));
    await proxy.ended;

    const { exitCode, stdout, all } = await site.run("slots");
    expect(exitCode, all).toBe(0);
    expect(stdout).toMatch(/^Mon {3}\S{4} {6}\S{38}$/m);
    const told = JSON.parse((await site.run("--json", "slots")).stdout.trim().split("\n").at(-1)!);
    expect(told.slots).toHaveLength(336);
    for (const { from, requests } of told.quietest) {
      expect(requests).toBeLessThan(1);
      expect(["02", "03", "04"]).toContain(from.slice(0, 2));
    }

    const scheduled = await site.run("--json", "swap", "--settings-only", "--at", "quiet");
    expect(scheduled.exitCode, scheduled.all).toBe(0);
    const chosen = JSON.parse(scheduled.stdout.trim().split("\n").at(-1)!);
    expect(told.quietest).toContainEqual(expect.objectContaining({ from: chosen.quiet.from }));
    expect(chosen).toMatchObject({ choice: "--settings-only", state: "waiting" });
    expect(atClock(new Date(chosen.at))).toBe(chosen.quiet.from);
    expect((await site.run("scheduled", "cancel")).exitCode).toBe(0);
  });

  test(
    "the proxy of an older instance cannot tell users anything, and the command says so",
    { tags: "long" },
    async () => {
      const { site } = scene;
      const older = `s#"proxyImage": "[^"]*"#"proxyImage": "${baseImage}"#`;
      await asRoot(
        site.instance,
        `biomaid-${site.instance}-control`,
        `sed -i '${older}' state.json`,
      );
      for (const what of ["x", "--whats-new"]) {
        const refused = await site.run("announce", what);
        expect([refused.exitCode, refused.all]).toEqual([
          1,
          expect.stringContaining("older than this command"),
        ]);
      }
      expect((await site.run("announce", "--whats-new", "--remove")).exitCode).toBe(0);

      const banner = { messages: 'swap_banner = "Bientôt {{version}}"' };
      for (const tables of [banner, { ...banner, "messages.whats_new": "enabled = true" }]) {
        await site.configure(tables);
        const warnings: unknown[] = [];
        const swap = await site.operate(["swap", tags.codeOnly], ({ type, step, code }, ctrlC) => {
          if (type === "warning") warnings.push(code);
          // It goes on, which other tests have seen the end of.
          if (type === "step-started" && step === "clone-database") ctrlC();
        });
        expectExit(swap, 3);
        expect(warnings).toEqual(["proxyTellsNothing"]);
      }
      expect(await toldScript()).toBeUndefined();
    },
  );
});

/** "03:30", by the clock of the site, whatever this machine's says. */
function atClock(at: Date): string {
  return at.toLocaleTimeString("en-GB", { timeZone: "Europe/Paris", timeStyle: "short" });
}

/** In the place of whoever was signed in there. */
async function signIn(page: Page, number: number): Promise<void> {
  await page.goto(pages.sign);
  const { username, password } = credentials.user(number);
  await page.fill("[name=username]", username);
  await page.fill("[name=password]", password);
  await page.click("button:text('Se connecter')");
  await page.waitForURL(`**${pages.signedIn[0]}`);
  // That page shows all it has to show.
  await page.waitForLoadState("networkidle");
}

/** Runs Python in the release that serves. */
async function inBiomaid(site: Site, code: string): Promise<void> {
  const shell = ["exec", "--", "python", "manage.py", "shell", "-c", code];
  const { exitCode, all } = await site.run(...shell);
  if (exitCode !== 0) throw new Error(all);
}

/** A group of which one member can be mailed, one has no address, one two in the place of one, and one is not active. */
const experts = `
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
users = get_user_model().objects
users.filter(username="user01").update(email="user01@example.org")
users.filter(username="user02").update(email="")
users.filter(username="user03").update(email="user03@example.org", is_active=False)
users.filter(username="user04").update(email="a.b@example.org; c@example.org")
Group.objects.create(name="Experts").user_set.set(users.filter(username__in=["user01", "user02", "user03", "user04"]))
`;
