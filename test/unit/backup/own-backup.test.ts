import { expect, test } from "vitest";
import { lastOwnBackupMs } from "../../../src/backup/own-backup.ts";

const at = (time: string) => `2026-11-25T${time}.000Z`;
const dump = { kind: "dump", takenAt: at("01:30:00"), verifiedAt: at("01:31:00") } as const;
const json = { kind: "json", takenAt: at("01:30:00"), verifiedAt: at("01:35:00") } as const;

test("BiomAid's own backup takes from where its dump was tried to where it was tried itself", () => {
  const newer = { kind: "dump", takenAt: at("12:00:00"), verifiedAt: at("12:01:00") } as const;
  expect(lastOwnBackupMs([newer, json, dump])).toBe(4 * 60_000);
});

test("how long it takes is not known without one, without its dump, or of clocks that went back", () => {
  expect(lastOwnBackupMs([dump])).toBeUndefined();
  expect(lastOwnBackupMs([json])).toBeUndefined();
  expect(lastOwnBackupMs([{ ...json, verifiedAt: at("01:00:00") }, dump])).toBeUndefined();
});
