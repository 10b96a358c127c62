import { readlink } from "node:fs/promises";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { clientOf, connectEngine } from "../../src/engine/connect.ts";
import {
  removeContainer,
  removeContainers,
  startContainer,
  stateOf,
} from "../../src/engine/containers.ts";
import { label, labelsOf } from "../../src/engine/labels.ts";
import { ensureVolume, removeVolumes } from "../../src/engine/volumes.ts";
import type { Event } from "../../src/instance/events.ts";
import type { Instance } from "../../src/instance/instance.ts";
import { holderLabels } from "../../src/instance/instance-lock.ts";
import { changeLockedFile } from "../../src/instance/locked-file.ts";
import { namesOf } from "../../src/instance/names.ts";
import { telling } from "../../src/instance/waiting.ts";
import { connectDatabase, type Database } from "../../src/postgres/connect.ts";
import { publish } from "../../src/postgres/follow/publication.ts";
import { fence } from "../../src/postgres/replication.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";

let postgres: Postgres;
let other: Database;
beforeAll(async () => {
  postgres = await startPostgres();
  other = await postgres.create("awaited");
  await other.query("CREATE TABLE essai (texte text)");
});
afterAll(async () => await postgres?.remove());

interface Awaiting {
  readonly database: Database;
  readonly told: Event[];
  /** Once it has been told that something is waited for. */
  readonly untilTold: () => Promise<void>;
}

/** A session of the updater's, and what it tells. */
async function awaiting(statementLimit = 60_000): Promise<Awaiting> {
  const told: Event[] = [];
  const reporter = { event: (event: Event) => void told.push(event) };
  const database = await connectDatabase(await connectEngine(), postgres.container, {
    database: "awaited",
    statementLimit,
    tell: telling(reporter),
  });
  return {
    database,
    told,
    untilTold: async () => {
      await vi.waitUntil(() => told.length > 0, { timeout: 30_000, interval: 50 });
    },
  };
}

/** What is done in a transaction of another session, which goes on until it is ended. */
async function openTransaction(...statements: readonly string[]): Promise<() => Promise<void>> {
  for (const statement of ["BEGIN", ...statements]) await other.query(statement);
  return async () => void (await other.query("ROLLBACK"));
}

const blocked = (statement: string) => ({
  type: "waiting",
  for: expect.objectContaining({
    kind: "session",
    container: postgres.container,
    pid: (other as Database & { processID: number }).processID,
    who: "postgres biomaid-updater",
    since: expect.stringMatching(/^\d{4}-.*Z$/),
    statement,
  }),
});

test("a statement that waits for a lock tells whose it is, without the values in it, and that it is over", async () => {
  const { database, told, untilTold } = await awaiting();
  const end = await openTransaction("INSERT INTO essai SELECT 'secret'", "LOCK TABLE essai");
  await other.query("SELECT 'also secret'");

  const waited = database.query("SELECT FROM essai");
  await untilTold();
  await end();
  await waited;

  expect(told).toEqual([
    blocked("SELECT '…'"),
    { type: "waited", milliseconds: expect.any(Number) },
  ]);
  await database.end();
});

test("a slot that waits for a transaction tells whose it is", async () => {
  const { database, told, untilTold } = await awaiting();
  const end = await openTransaction("SELECT txid_current()");

  const published = publish(
    database,
    { tables: [], unfollowed: [], referring: [], notLossless: [] },
    { changed: [], added: [] },
  );
  await untilTold();
  await end();
  await published;

  expect(told[0]).toEqual(blocked("SELECT txid_current()"));
  await database.query("SELECT pg_drop_replication_slot('updater_follow')");
  await database.end();
});

test("a fence that waits for somebody who changes the role tells whose session that is", async () => {
  const { database, told, untilTold } = await awaiting();
  await other.query("CREATE ROLE someone LOGIN");
  const end = await openTransaction("ALTER ROLE someone CONNECTION LIMIT 5");

  const fenced = fence(database, "someone", { container: postgres.container });
  await untilTold();
  await end();
  await fenced;

  expect(told[0]).toEqual(blocked("ALTER ROLE someone CONNECTION LIMIT 5"));
  await database.end();
});

test("a statement that is given up says for whom it has waited", async () => {
  const { database } = await awaiting(5_000);
  const end = await openTransaction("LOCK TABLE essai");

  await expect(database.query("SELECT FROM essai")).rejects.toMatchObject({
    code: "waitedTooLong",
    parameters: { seconds: 5, awaited: { kind: "session", statement: "LOCK TABLE essai" } },
  });

  await end();
  await database.end();
});

test("a command that waits for another to write what both write down tells who that is", async () => {
  const engine = await connectEngine();
  const name = "waits-book";
  const names = namesOf(name);
  const told: Event[] = [];
  const instance = {
    engine,
    name,
    names,
    reporter: { event: (event: Event) => void told.push(event) },
  } as Instance;
  await ensureVolume(engine, names.control, labelsOf(name, "control"));
  const { Config } = await clientOf(engine).getContainer(postgres.container).inspect();
  const id = await startContainer(engine, {
    name: names.lockedFileShell,
    image: Config.Image,
    labels: { ...labelsOf(name, "book"), ...holderLabels("jobs.json") },
    entrypoint: ["sleep", "600"],
    user: "0:0",
  });
  try {
    const written = changeLockedFile(instance, Config.Image, "scheduled.json", () => ({ one: 1 }));
    await vi.waitUntil(() => told.length > 0, { timeout: 30_000, interval: 50 });
    await removeContainer(engine, id);
    await written;

    expect(told[0]).toMatchObject({
      type: "waiting",
      for: { kind: "operation", operation: "jobs.json", holder: expect.stringContaining("@") },
    });
  } finally {
    await removeContainers(engine, labelsOf(name, "book"));
    await removeVolumes(engine, labelsOf(name, "control"));
  }
});

test("what both write down is written at once where who wrote it before has died, and the engine keeps its lock", async () => {
  const engine = await connectEngine();
  const name = "waits-deserted-book";
  const names = namesOf(name);
  const told: Event[] = [];
  const reporter = { event: (event: Event) => void told.push(event) };
  const instance = { engine, name, names, reporter } as Instance;
  await ensureVolume(engine, names.control, labelsOf(name, "control"));
  const { Config } = await clientOf(engine).getContainer(postgres.container).inspect();
  const { pid } = execa("true");
  const life = `process ${await readlink("/proc/self/ns/pid")} ${pid} 1`;
  const left = await startContainer(engine, {
    name: names.lockedFileShell,
    image: Config.Image,
    labels: { ...labelsOf(name, "book"), ...holderLabels("jobs.json"), [label.life]: life },
    entrypoint: ["sleep", "600"],
    user: "0:0",
  });
  try {
    await changeLockedFile(instance, Config.Image, "scheduled.json", () => ({ one: 1 }));

    expect(told).toEqual([]);
    expect(await stateOf(engine, left)).toBeUndefined();
    expect(await stateOf(engine, names.lockedFileShell)).toBeUndefined();
  } finally {
    await removeContainers(engine, labelsOf(name, "book"));
    await removeVolumes(engine, labelsOf(name, "control"));
  }
});

test("a statement that only takes long tells nothing", async () => {
  const { database, told } = await awaiting();

  await database.query("SELECT pg_sleep(3)");

  expect(told).toEqual([]);
  await database.end();
});
