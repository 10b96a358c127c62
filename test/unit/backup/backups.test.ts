import { chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import {
  backupName,
  beyondKeeping,
  type KeptBackup,
  parseBackups,
  parseOthers,
} from "../../../src/backup/backups.ts";

const day = 86_400_000;
const now = Date.parse("2026-11-25T12:00:00Z");

/** Some days old. */
function backup(age: number, { kind = "dump", damaged = false }: Partial<KeptBackup> = {}) {
  const takenAt = new Date(now - age * day).toISOString();
  return {
    version: 1,
    name: backupName(takenAt, "0.14.10", kind),
    instance: "production",
    kind,
    tag: "0.14.10",
    commit: "c",
    localCommit: "l",
    generation: 3,
    takenAt,
    verifiedAt: takenAt,
    moment: { cluster: "7400000000000000000", transaction: "4711" },
    bytes: 1000,
    sha256: "0".repeat(64),
    damaged,
  } satisfies KeptBackup;
}

const ages = (backups: readonly KeptBackup[]) =>
  backups.map(({ takenAt }) => (now - Date.parse(takenAt)) / day);

test("a backup's name says when, which version, which kind", () => {
  expect(backupName("2026-11-25T13:30:07.123Z", "0.14.10", "dump")).toBe(
    "2026-11-25T13-30-07Z-0.14.10.dump",
  );
  expect(backupName("2026-11-25T13:30:07.123Z", "0.12", "json")).toBe(
    "2026-11-25T13-30-07Z-0.12.json.bz2",
  );
});

test("of each kind as many are kept as asked, the newest ones", () => {
  const json = [0, 1, 2].map((age) => backup(age, { kind: "json" }));
  const dumps = [0, 1, 2, 3].map((age) => backup(age));
  const gone = beyondKeeping([...json, ...dumps], { keep: 2, maxAgeMs: undefined }, now);
  expect(gone.map(({ kind }) => kind)).toEqual(["dump", "dump", "json"]);
  expect(ages(gone)).toEqual([2, 3, 2]);
});

test("those that are too old go, but never the newest whole one of a kind", () => {
  const found = [backup(40, { damaged: true }), backup(50), backup(60)];
  expect(ages(beyondKeeping(found, { keep: 14, maxAgeMs: 30 * day }, now))).toEqual([60]);
});

test("a listing tells what is damaged and what others wrote, and passes over what it cannot read", () => {
  const { damaged: _, ...known } = backup(1);
  const line = (bytes: number, manifest: unknown) =>
    `${bytes} ${Buffer.from(JSON.stringify(manifest)).toString("base64")}`;
  const listing = [
    line(1000, known),
    line(999, { ...known, takenAt: "2026-11-25T11:00:00Z" }),
    line(1000, { ...known, version: 2 }),
    line(1000, { ...known, instance: "test" }),
    "nothing that it prints",
  ].join("\n");
  const backups = parseBackups(listing, "production");
  expect(backups.map(({ damaged }) => damaged)).toEqual([true, false]);
  const others = parseOthers("5 1764072000.5 a folder/by hand.dump\0nothing that it prints\0");
  expect(others).toMatchObject([{ path: "a folder/by hand.dump", bytes: 5 }]);
});

test("a file of whatever time is listed", () => {
  const others = parseOthers("1 99999999999999.0 late\x001 -5.5 early\x00");
  expect(others.map(({ path }) => path).toSorted()).toEqual(["early", "late"]);
});

const script = (name: string) => join(import.meta.dirname, "../../../src/backup", name);

/** The backups that are listed of a folder in which `owner` has what the updater owns. */
async function listed(folder: string, owner = process.getuid?.()) {
  const { stdout } = await execa("sh", [script("list-backups.sh"), folder, String(owner)]);
  return parseBackups(stdout, "production");
}

/** Files of others that are listed, so many at most. */
async function othersListed(folder: string, most: number) {
  const { stdout } = await execa("sh", [script("list-others.sh"), folder, String(most)]);
  return parseOthers(stdout);
}

test("neither a file's name nor a folder that somebody else has made can pass for a backup", async () => {
  const folder = await mkdtemp(join(tmpdir(), "backups-"));
  const { damaged: _, ...known } = backup(1);
  const { name, bytes, sha256 } = known;
  // In base64 it is full of slashes: no part of a path may be longer than 255 bytes.
  const filler = "?".repeat(9);
  const { instance, kind, generation, takenAt, verifiedAt, moment } = known;
  const forged = JSON.stringify({
    version: 1,
    name,
    instance,
    kind,
    tag: filler,
    generation,
    takenAt,
    verifiedAt,
    commit: filler,
    moment,
    bytes,
    localCommit: filler,
    sha256,
  });
  const path = `x\n${bytes} ${Buffer.from(forged).toString("base64")}\ny`;
  try {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), "");
    expect(await listed(folder)).toEqual([]);
    expect(await othersListed(folder, 2)).toMatchObject([{ path, bytes: 0 }]);

    await mkdir(join(folder, "updater"));
    await writeFile(join(folder, "updater", name), "x".repeat(bytes));
    await writeFile(join(folder, "updater", `${name}.manifest`), JSON.stringify(known));
    expect(await listed(folder)).toMatchObject([known]);
    if (process.getuid?.() === 0) await chown(join(folder, "updater"), 4712, 4712);
    expect(await listed(folder, 4711)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("files of others lengthen no list of backups, and are themselves listed in bounds", async () => {
  const folder = await mkdtemp(join(tmpdir(), "backups-"));
  const deep = join(...Array.from({ length: 17 }, () => "d".repeat(200)));
  try {
    await mkdir(join(folder, deep), { recursive: true });
    await writeFile(join(folder, deep, "deep"), "");
    for (const name of ["one", "two", "three"]) await writeFile(join(folder, name), "");

    const { stdout } = await execa("sh", [script("list-backups.sh"), folder, "0"]);
    expect(stdout).toBe("");
    expect(await othersListed(folder, 2)).toHaveLength(2);
    const all = await othersListed(folder, 9);
    expect(all.map(({ path }) => path).toSorted()).toEqual(["one", "three", "two"]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
