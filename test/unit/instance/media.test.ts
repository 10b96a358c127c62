import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
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
const run = async (command: string, ...from: readonly string[]) =>
  await execa("sh", [script, command, media, "1", ...from]);
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

/** Fetches files of another day, each with its name in it, as a snapshot's are; they are of that moment. */
const fetchForeign = async (...files: readonly string[]) => {
  await run("begin_foreign");
  for (const file of files) {
    const path = join(`${copy()}.unpacked`, media, file);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, file);
    await utimes(path, moment, moment);
  }
  await run("accept_foreign");
};
const moment = new Date("2026-01-01T00:00:00Z");
const text = async (file: string) => await readFile(join(media, file), "utf8");
/** The media as they are, links as what they lead to. */
const tree = async () => {
  const found = await readdir(media, { recursive: true, withFileTypes: true });
  const lines = found.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(media.length + 1);
    if (entry.isSymbolicLink()) return `${name} -> ${await readlink(path)}`;
    return entry.isFile() ? `${name}: ${await readFile(path, "utf8")}` : name;
  });
  return (await Promise.all(lines)).filter((line) => !line.startsWith(".updater")).toSorted();
};

/** What stands where files are to come back, each another way to be in the way. */
const obstruct = async () => {
  await write("file", "folder/of-a-file/later", "elsewhere/linked", "elsewhere/of-a-link/x");
  await symlink("nowhere", join(media, "dangling"));
  await symlink("elsewhere", join(media, "link"));
  await symlink("../elsewhere/of-a-link", join(media, "folder/link-to-a-folder"));
  await symlink("nowhere", join(media, "folder/dangling"));
  await execa("mkfifo", [join(media, "fifo"), join(media, "folder/fifo")]);
};
const obstructed = [
  "file/a/one",
  "file/a/two",
  "dangling/three",
  "link/linked",
  "fifo/four",
  "folder/of-a-file",
  "folder/link-to-a-folder",
  "folder/dangling",
  "folder/fifo",
  "gone/five",
];

test("files come back whatever stands in their way, and links are not followed", async () => {
  await obstruct();
  await fetchForeign(...obstructed);
  await run("compare_content");
  await run("restore", "2");

  for (const file of obstructed) expect(await text(file)).toBe(file);
  expect((await lstat(join(media, "link"))).isDirectory()).toBe(true);
  expect(await readdir(join(media, "elsewhere/of-a-link"))).toEqual(["x"]);
  expect(await text("elsewhere/linked")).toBe("elsewhere/linked");
});

test("a restore that is undone leaves what stood in the way as it was", async () => {
  await obstruct();
  await writeFile(join(media, "changed"), "since");
  const before = await tree();
  await fetchForeign(...obstructed, "changed");
  await run("compare_content");
  await run("restore", "2");
  expect(await text("changed")).toBe("changed");
  await run("remove_restored", "2");

  // A folder that had been gone stays, with nothing in it.
  expect(await tree()).toEqual([...before, "gone"].toSorted());
  expect(await readdir(join(media, ".updater"))).not.toContain("g2");
});

test("a restore that is undone once more, with users back, takes nothing that they have sent since", async () => {
  await write("changed");
  await fetchForeign("gone", "changed");
  await writeFile(join(media, "changed"), "since");
  await run("compare_content");
  await run("restore", "2");
  await run("remove_restored", "2");
  await write("gone");
  await writeFile(join(media, "changed"), "by a user");
  await run("remove_restored", "2");

  expect(await text("gone")).toBe("gone");
  expect(await text("changed")).toBe("by a user");
});

test("a folder that stood where a file was comes back with a rollback", async () => {
  await write("of-a-file/later");
  await fetchForeign("of-a-file");
  await run("compare_content");
  await run("restore", "2");
  await run("keep_replaced", "2");
  expect(await text("of-a-file")).toBe("of-a-file");

  const back = async (command: string) => await execa("sh", [script, command, media, "2", "3"]);
  await back("compare");
  await back("restore");
  expect(await text("of-a-file/later")).toBe("of-a-file/later");
});

test("a falsified file is put back whatever its time says", async () => {
  await write("falsified", "as-it-was");
  await fetchForeign("falsified", "as-it-was");
  await writeFile(join(media, "falsified"), "FALSIFIED");
  await utimes(join(media, "falsified"), moment, moment);
  const { ino } = await stat(join(media, "as-it-was"));
  await run("compare_content");
  await run("restore", "2");

  expect(await text("falsified")).toBe("falsified");
  expect((await stat(join(media, "as-it-was"))).ino).toBe(ino);
});

test("what comes and goes between the comparison and the restore is no reason to fail", async () => {
  await write("deleted", "made-a-folder", "stays");
  await fetchForeign("deleted", "made-a-folder", "uploaded", "obstructed/one");
  await writeFile(join(media, "deleted"), "changed");
  await writeFile(join(media, "made-a-folder"), "changed");
  await run("compare_content");
  await rm(join(media, "deleted"));
  await rm(join(media, "made-a-folder"));
  await write("made-a-folder/later", "obstructed");
  await writeFile(join(media, "uploaded"), "meanwhile");
  await run("restore", "2");

  for (const file of ["deleted", "made-a-folder", "obstructed/one", "stays"])
    expect(await text(file)).toBe(file);
  expect(await text("uploaded")).toBe("meanwhile");
});
