import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tags } from "../support/miniature.ts";
import { createSite, type Site } from "../support/site.ts";
import { connectEngine } from "../../src/engine/connect.ts";
import { labelsOf } from "../../src/engine/labels.ts";
import { ensureVolume } from "../../src/engine/volumes.ts";
import { namesOf, rehearsalNumber } from "../../src/instance/names.ts";
import { pictureOf } from "../support/engine.ts";
import { errorOf, expectExit } from "./expectations.ts";

/** Only its folder is there. */
let site: Site;
let original: string;
beforeAll(async () => {
  site = await createSite("e2e-new-site");
  original = await readFile(site.repositories.settings, "utf8");
});
afterAll(async () => await site?.remove());

/** Containers, volumes and networks of it; an image is a cache. */
const objects = async () =>
  (await pictureOf(site.instance)).filter((line) => /^biomaid-(?!.* image$)/.test(line));

/** What is said of settings before there is a site. */
async function check(text: string, ...argv: readonly string[]) {
  const file = join(site.folder, "new_settings.py");
  await writeFile(file, text);
  return await site.operate(["settings", "check", ...argv, "--settings", file]);
}

test("before init, settings are said to load with the version that the site is to begin with", async () => {
  const checked = await check(original, tags.first);

  expectExit(checked, 0);
  expect(checked.result).toMatchObject({
    type: "settings-checked",
    tag: tags.first,
    fit: true,
    names: null,
    changed: null,
    error: null,
  });
  expect(await objects()).toEqual([]);
});

test("what does not load is told with its file and line, and nothing is made of the site", async () => {
  const checked = await check(`${original}TOKEN = "zz-secret" 5\n`, tags.first);

  expectExit(checked, 1);
  const line = original.split("\n").length;
  expect(checked.result).toMatchObject({
    fit: false,
    error: {
      code: "settingsFail",
      facts: { faults: [{ file: join(site.folder, "new_settings.py"), line }] },
    },
  });
  expect(checked.transcript).not.toContain("zz-secret");
  expect(await objects()).toEqual([]);
});

test(
  "what a check that was killed before init has left is in nobody's way, and a site that is there is tried with what serves",
  { tags: "long" },
  async () => {
    const volume = namesOf(site.instance).configuration(rehearsalNumber);
    const labels = labelsOf(site.instance, "configuration", rehearsalNumber);
    await ensureVolume(await connectEngine(), volume, labels);

    expectExit(await site.operate(["init", tags.first]), 0);
    await site.run("status");
    expect((await objects()).filter((name) => name.includes("rehearsal"))).toEqual([]);

    const refused = await site.operate(["settings", "check", tags.additive]);

    expectExit(refused, 1);
    expect(errorOf(refused)).toMatchObject({
      code: "checkedWithServing",
      next: expect.stringContaining(`updater rehearse ${tags.additive}`) as string,
    });
  },
);
