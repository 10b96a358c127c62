import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const script = join(import.meta.dirname, "../../../src/instance/media.sh");

let media: string;
beforeEach(async () => {
  media = await mkdtemp(join(tmpdir(), "updater-media-"));
});
afterEach(async () => await rm(media, { recursive: true }));

const write = async (...files: readonly string[]) => {
  for (const file of files) {
    await mkdir(join(media, file, ".."), { recursive: true });
    await writeFile(join(media, file), file);
  }
};
const run = async (command: string) => await execa("sh", [script, command, media, "1"]);
const copy = () => join(media, ".updater/g1");
const copied = async () => {
  const found = await readdir(copy(), { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(copy().length + 1))
    .toSorted();
};
/** As if the copy had been begun a while ago, and right after it. */
const later = async () => {
  const begun = await stat(copy());
  await utimes(`${copy()}.since`, begun.ctime, begun.ctime);
  const passed = async () => {
    await writeFile(join(media, ".updater/clock"), "");
    return (await stat(join(media, ".updater/clock"))).ctimeMs > begun.ctimeMs + 1;
  };
  await vi.waitUntil(passed, { interval: 5 });
};

test("what comes to the media after a copy is added to it, wherever it comes", async () => {
  await write("a/one", "a/b/two", "c/three", "four");
  await run("take");
  await later();
  await write("a/b/new", "a/e/f/new", "new", "-n ew", "g/h");
  await rename(join(media, "c"), join(media, "a/moved"));
  await run("add_new");
  expect(await copied()).toEqual([
    "-n ew",
    "a/b/new",
    "a/b/two",
    "a/e/f/new",
    "a/moved/three",
    "a/one",
    "c/three",
    "four",
    "g/h",
    "new",
  ]);
});

test("while users wait no file is looked at of a folder that has not changed", async () => {
  await write("old/one", "new/two");
  await run("take");
  await later();
  // Whoever looked there would put it back.
  await rm(join(copy(), "old/one"));
  await write("new/three");
  await run("add_new");
  expect(await copied()).toEqual(["new/three", "new/two"]);
});

test("after a clock was set back everything is looked at", async () => {
  await write("old/one");
  await run("take");
  const ahead = new Date(Date.now() + 3_600_000);
  await utimes(`${copy()}.since`, ahead, ahead);
  await write("old/two");
  await run("add_new");
  expect(await copied()).toEqual(["old/one", "old/two"]);
});
