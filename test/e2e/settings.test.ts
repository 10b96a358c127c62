import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tags } from "../support/miniature.ts";
import type { Site } from "../support/site.ts";
import { traces } from "../support/traces.ts";
import { pictureOf, type Scene, setScene } from "./scene.ts";

let scene: Scene;
let site: Site;
/** The site's own settings, as its sysadmin edits them. */
let settings: string;
let original: string;

beforeAll(async () => {
  scene = await setScene("e2e-settings", tags.first);
  ({ site } = scene);
  settings = join(site.folder, "instance_settings.py");
  original = await readFile(site.repositories.settings, "utf8");
  await writeFile(settings, original);
  await site.configure({ site: siteTable() });
});

afterAll(async () => {
  await site?.remove();
});

const siteTable = () => `settings = "${settings}"\nhost_names = ["localhost"]`;

/** Writes a file beside the site's own. */
async function draft(name: string, text: string): Promise<string> {
  const path = join(site.folder, name);
  await writeFile(path, text);
  return path;
}

test("settings that are fit are said to be, by name, and nothing of the check is left", async () => {
  const before = await pictureOf(scene);
  const file = await draft("new.py", `${original.replace("8025", "25")}EMAIL_TIMEOUT = 5\n`);

  const argv = ["settings", "check", "--settings", file];
  const { exitCode, result, transcript } = await site.operate(argv);

  expect(exitCode, transcript).toBe(0);
  expect(result).toMatchObject({
    type: "settings-checked",
    fit: true,
    tag: tags.first,
    error: null,
    names: { added: ["EMAIL_TIMEOUT"], removed: [], changed: ["EMAIL_PORT"] },
  });
  expect(await pictureOf(scene)).toEqual(before);
});

test("what does not load is told with its line before anything is copied, all of it, and no secret", async () => {
  const python = await draft("syntax.py", `${original}TOKEN = "zz-secret" 5\n`);
  const toml = await draft("config.toml", '[gunicorn_settings]\nworkers = "zz-secret\n');

  const argv = ["settings", "check", "--settings", python, "--instance-config", toml];
  const found = await site.updater(...argv);

  expect(found.exitCode, found.all).toBe(1);
  const line = original.split("\n").length;
  expect(found.stdout).toContain(`${python}, line ${line}: SyntaxError: invalid syntax`);
  expect(found.stdout).toContain(`    TOKEN = "*********" 5\n${" ".repeat(24)}^`);
  expect(found.stdout).toContain(`${toml}, line 2: `);
  expect(found.stdout).toContain("Production: nothing was changed.");
  expect(found.all).not.toContain("zz-secret");
  expect(found.all).not.toContain("Clone the live database");
});

test.each([
  ["a module that is not there, which BiomAid does not mention", "import zz_nope", "zz_nope"],
  ["a name that is not there", "DEBUG = NOPE", "NameError: name 'NOPE' is not defined"],
])("%s is told with its line", async (_, statement, reason) => {
  const file = await draft("faulty.py", `${original}${statement}\n`);
  const { exitCode, stdout, all } = await site.updater("settings", "check", "--settings", file);
  expect(exitCode, all).toBe(1);
  expect(stdout).toContain(`${file}, line ${original.split("\n").length}: `);
  expect(stdout).toContain(reason);
});

test("what Django's own checks say is told, not only that they ended the program", async () => {
  const file = await draft("checks.py", `${original}TEMPLATES = []\n`);
  const { exitCode, stdout, all } = await site.updater("settings", "check", "--settings", file);
  expect(exitCode, all).toBe(1);
  expect(stdout).toContain("admin.E403");
});

test("a page that fails with the new settings is named, in French too", async () => {
  const file = await draft("pages.py", `${original}AUTHENTICATION_BACKENDS = ["nope.Nope"]\n`);
  const argv = ["--lang", "fr", "settings", "check", "--settings", file];
  const { exitCode, stdout, all } = await site.updater(...argv);
  expect(exitCode, all).toBe(1);
  expect(stdout).toContain("/geqip-chuap/dem/");
  expect(stdout).toContain("Ensuite");
});

test("what a check that was killed has left goes with the next command", async () => {
  const before = await traces(site.instance);
  const { exitCode } = await site.operate(["settings", "check"], ({ type, step }, _, kill) => {
    if (type === "step-started" && step === "boot") kill();
  });
  expect(exitCode).not.toBe(0);
  expect(await traces(site.instance)).not.toEqual(before);
  await site.updater("history");
  expect(await traces(site.instance)).toEqual(before);
});
