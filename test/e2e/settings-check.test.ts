import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tags } from "../support/miniature.ts";
import type { Site } from "../support/site.ts";
import { traces } from "../support/traces.ts";
import { Scene } from "../support/scene.ts";

let scene: Scene;
let site: Site;
/** The site's own settings, as its sysadmin edits them. */
let settings: string;
let original: string;

beforeAll(async () => {
  scene = await Scene.shared();
  ({ site } = scene);
  settings = join(site.folder, "instance_settings.py");
  original = await readFile(site.repositories.settings, "utf8");
  await writeFile(settings, original);
  await site.configure({ site: `settings = "${settings}"\nhost_names = ["localhost"]` });
});

afterAll(async () => {
  await scene?.giveBack();
});

/** Writes a file beside the site's own. */
async function draft(name: string, text: string): Promise<string> {
  const path = join(site.folder, name);
  await writeFile(path, text);
  return path;
}

test("settings that are fit are said to be, by name, and nothing of the check is left", async () => {
  const before = await scene.picture();
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
  expect(await scene.picture()).toEqual(before);
});

test("settings that are in use already are said to be", async () => {
  const { exitCode, all } = await site.run("settings", "check");
  expect(exitCode, all).toBe(0);
  expect(all).toContain("there is nothing to apply");
});

test("what does not load is told with its line before anything is copied, all of it, and no secret", async () => {
  const python = await draft("syntax.py", `${original}TOKEN = "zz-secret" 5\n`);
  const toml = await draft("config.toml", '[gunicorn_settings]\nworkers = "zz-secret\n');

  const argv = ["settings", "check", "--settings", python, "--instance-config", toml];
  const found = await site.run(...argv);

  expect(found.exitCode, found.all).toBe(1);
  const line = original.split("\n").length;
  expect(found.stdout).toContain(`${python}, line ${line}: SyntaxError: invalid syntax`);
  expect(found.stdout).toContain(`    TOKEN = "*********" 5\n${" ".repeat(24)}^`);
  expect(found.stdout).toContain(`${toml}, line 2: `);
  expect(found.stdout).toContain("Production: this command has changed nothing.");
  expect(found.all).not.toContain("zz-secret");
  expect(found.all).not.toContain("Clone the live database");
});

test("a module that is not there, of which BiomAid says nothing, is told with its line", async () => {
  const file = await draft("faulty.py", `${original}import zz_nope\n`);
  const { exitCode, stdout, all } = await site.run("settings", "check", "--settings", file);
  expect(exitCode, all).toBe(1);
  const line = original.split("\n").length;
  expect(stdout).toContain(`${file}, line ${line}: ModuleNotFoundError: No module named 'zz_nope'`);
});

test("what Django's own checks say is told, not only that they ended the program", async () => {
  const file = await draft("checks.py", `${original}TEMPLATES = []\n`);
  const { exitCode, stdout, all } = await site.run("settings", "check", "--settings", file);
  expect(exitCode, all).toBe(1);
  expect(stdout).toContain("admin.E403");
});

test("a page that fails with the new settings is named, in French too", async () => {
  const file = await draft("pages.py", `${original}AUTHENTICATION_BACKENDS = ["nope.Nope"]\n`);
  const argv = ["--lang", "fr", "settings", "check", "--settings", file];
  const { exitCode, stdout, all } = await site.run(...argv);
  expect(exitCode, all).toBe(1);
  expect(stdout).toContain("/geqip-chuap/dem/");
  expect(stdout).toContain("Ensuite");
});

test("what a check that was killed has left goes with the next command", async () => {
  const before = await traces(site.instance);
  const { exitCode } = await site.operate(["settings", "check"], ({ type, step }, _, kill) => {
    if (type === "step-started" && step === "catch-up") kill();
  });
  expect(exitCode).not.toBe(0);
  expect(await traces(site.instance)).not.toEqual(before);
  await site.run("history");
  expect(await traces(site.instance)).toEqual(before);
});

/** `settings edit` at a terminal, in an editor that writes `text`; its question is given one answer. */
async function edit(text: string, answer: "y" | "n") {
  const typed = await draft("typed.py", text);
  const updater = join(import.meta.dirname, "../../bin/updater");
  const command = `${updater} --config ${join(site.folder, "updater.toml")} settings edit`;
  const terminal = execa("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    reject: false,
    env: { LC_ALL: "C", VISUAL: `cp ${typed}` },
  });
  let shown = "";
  terminal.stdout.on("data", (part) => {
    const asked = shown.includes("[y/N]");
    shown += String(part);
    if (!asked && shown.includes("[y/N]")) terminal.stdin.write(`${answer}\n`);
  });
  const { exitCode } = await terminal;
  return { exitCode, shown };
}

test("an edit that is not fit changes nothing and is not lost; once it is fit it takes the file's place", async () => {
  const kept = join(site.folder, "instance_settings.edited.py");
  await chmod(settings, 0o640);
  const unfit = await edit(`${original}import zz_nope\n`, "n");
  expect(unfit.exitCode, unfit.shown).toBe(1);
  expect(unfit.shown).toContain("No module named 'zz_nope'");
  expect(unfit.shown).toContain(`Your text is in ${kept}`);
  expect(await readFile(settings, "utf8")).toBe(original);
  expect(await readFile(kept, "utf8")).toContain("import zz_nope");

  const fit = await edit(`${original}EMAIL_TIMEOUT = 9\n`, "y");

  expect(fit.exitCode, fit.shown).toBe(0);
  expect(fit.shown).toContain("Going on with an edit");
  expect(fit.shown).toContain("+EMAIL_TIMEOUT = 9");
  expect(fit.shown).toContain("updater swap --settings-only");
  expect(await readFile(settings, "utf8")).toBe(`${original}EMAIL_TIMEOUT = 9\n`);
  expect((await stat(settings)).mode & 0o777).toBe(0o640);
  await expect(stat(kept)).rejects.toThrow("ENOENT");
  await writeFile(settings, original);
});

test("without a terminal there is nothing to edit in", async () => {
  const { exitCode, stderr } = await site.run("settings", "edit");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("updater settings check --settings");
});
