import { expect, test } from "vitest";
import {
  backupName,
  beyondKeeping,
  type KeptBackup,
  parseBackups,
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
    `backup ${bytes} ${Buffer.from(JSON.stringify(manifest)).toString("base64")}`;
  const listing = [
    line(1000, known),
    line(999, { ...known, takenAt: "2026-11-25T11:00:00Z" }),
    line(1000, { ...known, version: 2 }),
    line(1000, { ...known, instance: "test" }),
    "other 5 1764072000.5 a folder/by hand.dump",
    "nothing that it prints",
  ].join("\n");
  const { backups, others } = parseBackups(listing, "production");
  expect(backups.map(({ damaged }) => damaged)).toEqual([true, false]);
  expect(others).toMatchObject([{ path: "a folder/by hand.dump", bytes: 5 }]);
});
