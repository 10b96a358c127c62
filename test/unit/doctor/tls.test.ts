import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkRehearsal } from "../../../src/doctor/freshness.ts";
import { judgeClock } from "../../../src/doctor/clock.ts";
import { judgeSettings, judgeSlots } from "../../../src/doctor/database.ts";
import type { Finding } from "../../../src/doctor/finding.ts";
import { judgeAges } from "../../../src/doctor/images.ts";
import { judgeAnswers } from "../../../src/doctor/reach.ts";
import { judgeDisk } from "../../../src/doctor/resources.ts";
import { checkTls } from "../../../src/doctor/tls.ts";
import { emptyState, type RehearsalRecord } from "../../../src/instance/state.ts";

const day = 86_400_000;
const now = Date.parse("2026-11-22T21:30:00Z");

const told = (findings: readonly Finding[]) =>
  findings.map((finding) => `${finding.level}: ${"code" in finding ? finding.code : ""}`);

describe("the clock", () => {
  const url = "https://mirror.example.org/x";
  const server = (offset: number) => ({ url, offset });

  test.each([
    ["agrees", { engine: 0.2, servers: [server(-0.8)], synchronised: true }, ["ok: clock"]],
    ["cannot be compared", { engine: 0, servers: [], synchronised: null }, ["ok: clock"]],
    [
      "of the engine is off",
      { engine: -90, servers: [], synchronised: null },
      ["warning: clockOff"],
    ],
    ["is off", { engine: 0, servers: [server(301)], synchronised: null }, ["warning: clockOff"]],
    [
      "is kept by nobody",
      { engine: 0, servers: [], synchronised: false },
      ["warning: clockUnsynchronised"],
    ],
    [
      "agrees with one of two servers: the other is a cache",
      { engine: 0, servers: [server(-86_000), server(1)], synchronised: null },
      ["ok: clock"],
    ],
  ])("%s", (_, facts, expected) => {
    expect(told(judgeClock(facts))).toEqual(expected);
  });
});

test("a disk may be too small, or have too few inodes, or make them as needed", () => {
  const fine = { needed: 5e9, free: 9e9, inodes: 1e6, total: 2e6 };
  expect(told(judgeDisk(fine))).toEqual(["ok: disk", "ok: inodes"]);
  expect(told(judgeDisk({ ...fine, free: 4e9, inodes: 900 }))).toEqual([
    "problem: diskTooSmall",
    "warning: fewInodes",
  ]);
  expect(told(judgeDisk({ ...fine, inodes: 0, total: 0 }))).toEqual(["ok: disk", "ok: inodes"]);
});

test("base images grow old, and are brought by those who made them", () => {
  const images = [
    { image: "biomaid-updater/base:12", createdAt: now - 45 * day },
    { image: "python:3.11-slim", createdAt: now - 31 * day },
    { image: "biomaid-updater/python:3.11", createdAt: now - 29 * day },
  ];
  expect(judgeAges(images, now)).toMatchObject([
    { code: "baseImageOld", facts: { images: ["biomaid-updater/base:12"], days: 45 } },
    { code: "siteImageOld", facts: { images: ["python:3.11-slim"] } },
  ]);
  expect(told(judgeAges(images.slice(2), now))).toEqual(["ok: baseImages"]);
});

test("each server a build does not reach is a problem with a remedy of its own", () => {
  const answer = { use: "apt", url: "http://a.example.org/x", detail: "", offset: null } as const;
  const findings = judgeAnswers([
    { ...answer, failure: null },
    {
      ...answer,
      use: "pip",
      url: "https://b.example.org/y",
      failure: "tls",
      detail: "self-signed",
    },
  ]);
  expect(findings).toMatchObject([
    { level: "ok", facts: { hosts: ["a.example.org (apt)"] } },
    { level: "problem", code: "unreachable", facts: { host: "b.example.org", failure: "tls" } },
  ]);
});

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

test("a rehearsal grows old unless its release was swapped to", () => {
  const record: RehearsalRecord = {
    id: "1",
    tag: "0.8.1",
    commit: "c",
    localCommit: "l",
    settings: null,
    serving: 1,
    image: "i",
    imageId: "d",
    position: "0/0",
    finishedAt: new Date(now - 8 * day).toISOString(),
    verdict: "ready",
    blocking: [],
    notLossless: [],
    hold: null,
  };
  const view = {
    serving: undefined,
    servedUntilNow: undefined,
    gateClosed: false,
    slot: undefined,
    journal: undefined,
  };
  const state = { ...emptyState("x", "p"), rehearsals: [record] };
  expect(told(checkRehearsal({ ...view, state: emptyState("x", "p") }, 7 * day, now))).toEqual([
    "warning: noRehearsal",
  ]);
  expect(told(checkRehearsal({ ...view, state }, 7 * day, now))).toEqual(["warning: rehearsalOld"]);
  expect(told(checkRehearsal({ ...view, state }, 9 * day, now))).toEqual(["ok: rehearsal"]);
  const generation = {
    number: 2,
    tag: "0.8.1",
    commit: "c",
    localCommit: "l",
    image: "i",
    databaseImage: "d",
    slot: 2,
    createdAt: record.finishedAt,
    previous: 1,
    abandoned: false,
  };
  const swapped = { ...state, generations: [generation] };
  expect(told(checkRehearsal({ ...view, state: swapped }, 7 * day, now))).toEqual([
    "ok: rehearsal",
  ]);
});

describe("TLS in front of the site", () => {
  let folder = "";
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "biomaid-tls-"))));
  afterAll(async () => await rm(folder, { recursive: true }));

  /** What is said of a server with a certificate of its own for `name`, good from and to a date. */
  async function said(name: string, from: Date, to: Date, trust: boolean): Promise<Finding[]> {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const stamp = (date: Date) => date.toISOString().replaceAll(/[-:T]|\.\d+/g, "");
    await execa("openssl", [
      "req",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-keyout",
      key,
      "-out",
      join(folder, "csr.pem"),
      "-subj",
      `/CN=${name}`,
    ]);
    await execa("openssl", ["rand", "-hex", "-out", join(folder, "serial"), "8"]);
    const ca = `[ca]\ndefault_ca=d\n[d]\ndatabase=${folder}/index\nserial=${folder}/serial\nnew_certs_dir=${folder}\ndefault_md=sha256\npolicy=p\nunique_subject=no\nx509_extensions=e\n[p]\ncommonName=supplied\n[e]\nbasicConstraints=CA:TRUE\nsubjectAltName=DNS:${name}`;
    await execa("sh", ["-c", `: >"${folder}/index"; cat >"${folder}/ca.cnf"`], { input: ca });
    await execa("openssl", [
      "ca",
      "-batch",
      "-selfsign",
      "-config",
      join(folder, "ca.cnf"),
      "-keyfile",
      key,
      "-in",
      join(folder, "csr.pem"),
      "-out",
      cert,
      "-startdate",
      stamp(from),
      "-enddate",
      stamp(to),
      "-notext",
    ]);
    const server = createServer({ key: await readFile(key), cert: await readFile(cert) });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    try {
      return await ask((server.address() as AddressInfo).port, trust ? cert : undefined);
    } finally {
      server.close();
    }
  }

  async function ask(port: number, caBundle: string | undefined): Promise<Finding[]> {
    const configuration = {
      site: { hostNames: ["localhost"] },
      listen: { address: "127.0.0.1", port: 8080 },
      build: { caBundle },
    };
    return await checkTls(configuration as unknown as Parameters<typeof checkTls>[0], port);
  }

  const inDays = (days: number) => new Date(Date.now() + days * day);

  test.each([
    ["is good", "localhost", -1, 90, true, "ok: tls"],
    ["expires soon", "localhost", -1, 20, true, "warning: tlsExpires"],
    ["has expired", "localhost", -20, -3, true, "problem: tlsExpires"],
    ["is for another name", "other.example.org", -1, 90, true, "problem: tlsName"],
    ["is of nobody known", "localhost", -1, 90, false, "warning: tlsUntrusted"],
  ])("a certificate that %s", async (_, name, from, to, trust, expected) => {
    expect(told(await said(name, inDays(from), inDays(to), trust))).toEqual([expected]);
  });

  test("there is none", async () => {
    expect(told(await ask(1, undefined))).toEqual(["warning: noTls"]);
  });
});
