import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bringBrowser, browserIn } from "../../../../scripts/setup/browser.mjs";
import { Failure } from "../../../../scripts/setup/failure.mjs";
import { parseOptions } from "../../../../scripts/setup/options.mjs";

const nothing = () => Promise.resolve();

describe("browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "setup-"));
  const browser = join(folder, "with", "chromium");
  const told: unknown[] = [];
  const tell = (...words: unknown[]) => Promise.resolve(told.push(words[0]));

  beforeAll(() => {
    mkdirSync(join(folder, "with"));
    writeFileSync(browser, "", { mode: 0o755 });
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test("one that is there is used as it is", async () => {
    const path = `${join(folder, "without")}:${join(folder, "with")}`;
    expect(browserIn(path)).toBe(browser);
    await bringBrowser({ PATH: path }, tell, tell, tell);
    expect(told).toEqual([]);
  });

  test("where there is none, it is brought with consent", async () => {
    await bringBrowser({ PATH: join(folder, "without") }, tell, tell, tell);
    expect(told).toEqual(["mayInstallBrowser", "browserMissing"]);
  });

  test("a refusal is no failure: the tests can be left out", async () => {
    const refuse = () => Promise.reject(new Failure("declined"));
    const without: unknown[] = [];
    const options = parseOptions(["--browser"]);
    expect(options.browser).toBe(true);
    await bringBrowser({ PATH: "" }, nothing, refuse, (error: unknown) => without.push(error));
    expect(without).toEqual([expect.objectContaining({ key: "declined" })]);
  });
});
