import { execa } from "execa";
import { expect, test } from "vitest";
import { judgeSettings, judgeSlots } from "../../../src/doctor/database.ts";
import { judgeCarried } from "../../../src/doctor/not-carried.ts";
import { catalogueOf } from "../../../src/text/catalogue.ts";
import { told } from "../../support/findings.ts";

test("a slot that counts is the updater's own, whoever reads it; a lost one counts no more", () => {
  const about = { container: "c", busy: false, followed: "updater_follow", previous: "0.8.0" };
  const slot = { name: "updater_follow", active: false, bytes: 5e6, lost: false };
  const clone = { ...slot, name: "updater_clone_g2" };
  expect(told(judgeSlots([slot], about))).toEqual(["ok: replicationSlots"]);
  expect(told(judgeSlots([{ ...slot, lost: true }], about))).toEqual(["warning: slotLost"]);
  expect(told(judgeSlots([clone], about))).toEqual(["warning: slotKeepsLog"]);
  expect(told(judgeSlots([clone], { ...about, busy: true }))).toEqual(["ok: replicationSlots"]);
  expect(told(judgeSlots([{ ...clone, name: "other", bytes: 3e9 }], about))).toEqual([
    "problem: slotKeepsLog",
  ]);
});

test("settings that a swap needs are problems, those it can do without are warnings", () => {
  const setting = (name: string, value: string) =>
    [name, { name, value, restart: name === "wal_level" }] as const;
  const settings = new Map([
    setting("wal_level", "replica"),
    setting("max_wal_senders", "10"),
    setting("max_replication_slots", "2"),
    setting("max_slot_wal_keep_size", "-1"),
    setting("fsync", "on"),
  ]);
  expect(judgeSettings(settings, "c")).toMatchObject([
    { level: "problem", facts: { name: "wal_level", value: "replica", restart: true } },
    { level: "problem", facts: { name: "max_replication_slots", wanted: "≥ 4" } },
    { level: "warning", facts: { name: "max_slot_wal_keep_size" } },
  ]);
});

const all = {
  unlogged: [],
  prepared: [],
  extensions: [],
  collations: [],
  sortedOtherwise: false,
  keyless: [],
  outside: { tables: [], views: [], databases: [], largeObjects: 0 },
};
const where = { container: "c", database: "biomaid" };

test("what copies leave out is a problem, what does not follow a warning, and nothing else is told", () => {
  expect(told(judgeCarried(all, where))).toEqual(["ok: carried"]);
  const found = {
    unlogged: ["public.u"],
    prepared: [{ id: "g", database: "biomaid" }],
    extensions: ["postgis"],
    collations: [],
    sortedOtherwise: true,
    keyless: ["public.k"],
    outside: { ...all.outside, largeObjects: 1 },
  };
  expect(told(judgeCarried(found, where))).toEqual([
    "problem: unloggedTables",
    "problem: preparedTransactions",
    "problem: extensionsMissing",
    "problem: collationsChanged",
    "warning: keyless",
    "warning: followsNot",
  ]);
});

test("a name that the application chose commands no shell", async () => {
  const { trouble } = catalogueOf("en").doctor;
  const { fix } = trouble.unloggedTables({ tables: [`public."$(id) 'a"`], ...where });
  const transactions = [{ id: "it's $(id)", database: "a b" }];
  const ended = trouble.preparedTransactions({ transactions, container: "c" });
  const typed = async (command: string) => {
    // What the shell makes of it.
    const script = `docker() { printf '%s\\n' "$@"; }; ${command}`;
    return (await execa("sh", ["-c", script])).stdout.split("\n").slice(5);
  };
  expect(await typed(fix)).toEqual([
    "-d",
    "biomaid",
    "-c",
    `ALTER TABLE public."$(id) 'a" SET LOGGED`,
  ]);
  expect(await typed(ended.fix)).toEqual(["-d", "a b", "-c", "COMMIT PREPARED 'it''s $(id)'"]);
});
