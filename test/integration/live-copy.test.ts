import { escapeLiteral } from "pg";
import { expect, test } from "vitest";
import { readCarried, readShapes } from "../../src/postgres/carried.ts";
import type { Database } from "../../src/postgres/connect.ts";
import {
  beginCopying,
  disableTriggers,
  endCopying,
  publishTables,
  restartSettings,
} from "../../src/postgres/live-copy.ts";
import { restartFacts } from "../../src/postgres/restart-facts.ts";
import { usePostgres } from "../support/databases.ts";

const postgres = usePostgres();

async function use(name: string, work: (source: Database) => Promise<void>): Promise<void> {
  const source = await postgres().create(name);
  try {
    await work(source);
  } finally {
    await source.end();
    await postgres().drop(name);
  }
}

async function listed(source: Database, query: string): Promise<unknown[]> {
  const { rows } = await source.query<[unknown]>({ text: query, rowMode: "array" });
  return rows.map(([value]) => value);
}

const settings =
  "SELECT concat(name, ' ', setting) FROM pg_file_settings WHERE sourcefile ~ 'auto.conf' AND name ~ '^max_' ORDER BY 1";
/** What a restart would bring of that. */
const after =
  "SELECT concat(name, ' ', setting) FROM pg_file_settings WHERE sourcefile ~ 'auto.conf' AND name IN ('wal_level', 'max_replication_slots') ORDER BY 1";
const slots = "SELECT slot_name FROM pg_replication_slots ORDER BY 1";
const publications = "SELECT pubname FROM pg_publication";

const makeSlot = async (source: Database, slot: string) =>
  await source.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);

test("nothing of a copy is left on its source, and its settings are as they were, however often that is asked", async () => {
  await use("left", async (source) => {
    await source.query("ALTER SYSTEM SET max_wal_senders = 11");
    const system = String(
      (await listed(source, "SELECT system_identifier::text FROM pg_control_system()"))[0],
    );
    const restart = [
      { name: "max_wal_senders", value: "20" },
      { name: "max_replication_slots", value: "20" },
    ];
    await beginCopying(source, { slot: "updater_move_site", copy: source, restart });
    const ours = ["updater_move_site", `pg_16384_sync_16385_${system}`];
    for (const slot of [...ours, "pg_16384_sync_16385_4711"]) {
      await makeSlot(source, slot);
    }
    const asked = await listed(source, settings);
    expect(asked).toEqual(["max_replication_slots 20", "max_wal_senders 20"]);

    await endCopying(source);
    await endCopying(source);

    // Somebody else's, and what it needs for the server to start.
    expect(await listed(source, slots)).toEqual(["pg_16384_sync_16385_4711"]);
    expect(await listed(source, settings)).toEqual([
      "max_replication_slots 20",
      "max_wal_senders 11",
    ]);
    expect(await listed(source, publications)).toEqual([]);
    await source.query("SELECT pg_drop_replication_slot('pg_16384_sync_16385_4711')");

    await source.query("ALTER SYSTEM RESET max_replication_slots");
    await beginCopying(source, { slot: "updater_move_site", copy: source, restart });
    await endCopying(source);

    expect(await listed(source, settings)).toEqual(["max_wal_senders 11"]);
    await source.query("ALTER SYSTEM RESET max_wal_senders");
  });
});

test("a server starts with the slots of a copy even where another has put back what it was restarted for", async () => {
  await use("again", async (source) => {
    // As after a restart for an earlier copy, which has ended: it is in force, and the file says otherwise.
    const inForce = await listed(source, "SHOW wal_level");
    expect(inForce).toEqual(["logical"]);
    await source.query("ALTER SYSTEM SET wal_level = 'replica'");
    await source.query("ALTER SYSTEM SET max_replication_slots = 1");
    await source.query("SELECT pg_reload_conf()");
    expect(await restartSettings(source)).toEqual([]);

    await beginCopying(source, { slot: "updater_move_site", copy: source, restart: [] });

    const running = "SELECT setting FROM pg_settings WHERE name = 'max_replication_slots'";
    expect(await listed(source, after)).toEqual([
      `max_replication_slots ${String((await listed(source, running))[0])}`,
      "wal_level logical",
    ]);
    await endCopying(source);
    expect(await listed(source, after)).toEqual(["max_replication_slots 1", "wal_level replica"]);
    await source.query("ALTER SYSTEM RESET ALL");
    await source.query("SELECT pg_reload_conf()");
  });
});

test("where settings may not be changed nothing is made, and what is as it was needs no change", async () => {
  await use("refused", async (source) => {
    // In the server's folder, where ALTER SYSTEM writes.
    const refuse = "COPY (SELECT) TO PROGRAM 'mkdir postgresql.auto.conf.tmp'";
    const permit = "COPY (SELECT) TO PROGRAM 'rmdir postgresql.auto.conf.tmp'";
    const restart = [{ name: "max_wal_senders", value: "20" }];
    const begin = async () =>
      await beginCopying(source, { slot: "updater_move_site", copy: source, restart });
    await source.query(refuse);

    await expect(begin()).rejects.toThrow("auto.conf");

    expect(await listed(source, publications)).toEqual([]);
    await source.query(permit);
    await begin();
    await source.query("ALTER SYSTEM RESET max_wal_senders");
    await source.query("ALTER SYSTEM RESET max_slot_wal_keep_size");
    await source.query(refuse);
    await endCopying(source);
    expect(await listed(source, publications)).toEqual([]);
    await source.query(permit);
  });
});

test("what cannot be copied while users write to it is known by name", async () => {
  await use("carried", async (source) => {
    await source.query(`
      CREATE TABLE kept (id int PRIMARY KEY);
      CREATE TABLE keyless (value text);
      CREATE TABLE by_index (code text NOT NULL UNIQUE);
      ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_code_key;
      CREATE TABLE told_nothing (id int PRIMARY KEY);
      ALTER TABLE told_nothing REPLICA IDENTITY NOTHING;
      CREATE TABLE deferred (id int PRIMARY KEY DEFERRABLE);
      CREATE UNLOGGED TABLE "Not logged" (id int PRIMARY KEY);
      CREATE SCHEMA apart;
      CREATE TABLE apart.parted (id int PRIMARY KEY) PARTITION BY RANGE (id);
      CREATE TABLE apart.low PARTITION OF apart.parted FOR VALUES FROM (0) TO (10);
      CREATE MATERIALIZED VIEW seen AS SELECT * FROM kept;
      CREATE MATERIALIZED VIEW unseen AS SELECT * FROM kept WITH NO DATA;
      SELECT lo_from_bytea(0, 'large');`);

    const { live, held, views, largeObjects } = await readCarried(source);

    const names = (parts: readonly { name: string }[]) => parts.map(({ name }) => name).toSorted();
    expect(names(live)).toEqual(["apart.low", "public.by_index", "public.kept"]);
    expect(names(held)).toEqual([
      "pg_largeobject",
      'public."Not logged"',
      "public.deferred",
      "public.keyless",
      "public.seen",
      "public.told_nothing",
    ]);
    expect(views).toEqual(["public.seen"]);
    expect(largeObjects).toBe(1);
  });
});

test("a table that inherits from one that is published is not, and users may change it", async () => {
  await use("inherited", async (source) => {
    await source.query(
      "CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (more text) INHERITS (parent); INSERT INTO child VALUES (1, 'a')",
    );
    await beginCopying(source, { slot: "updater_move_site", copy: source, restart: [] });

    await publishTables(source, (await readCarried(source)).live);

    expect(await listed(source, "SELECT tablename FROM pg_publication_tables")).toEqual(["parent"]);
    await source.query("UPDATE child SET more = 'b'");
    await endCopying(source);
  });
});

test("whatever is changed or made while tables are copied is noticed", async () => {
  await use("changed", async (source) => {
    await source.query(`
      CREATE TABLE one (id int PRIMARY KEY);
      CREATE TABLE two (id int);
      CREATE TABLE given (id int DEFAULT 1);
      CREATE TABLE acting (id int);
      CREATE TYPE mood AS ENUM ('glad');
      CREATE VIEW looked AS SELECT id FROM one;
      CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE FUNCTION plain(n int) RETURNS int LANGUAGE sql RETURN n;
      CREATE TRIGGER told AFTER INSERT ON acting FOR EACH ROW EXECUTE FUNCTION tell();`);
    const before = await readShapes(source);
    await source.query("INSERT INTO one VALUES (1)");
    expect(await readShapes(source)).toEqual(before);

    await source.query(`
      ALTER TABLE two ADD CHECK (id > 0);
      CREATE TABLE three (id int);
      ALTER TABLE given ALTER id SET DEFAULT 2;
      ALTER TABLE acting DISABLE TRIGGER told;
      ALTER TYPE mood ADD VALUE 'sad';
      CREATE OR REPLACE VIEW looked AS SELECT id FROM one WHERE id > 0;
      CREATE OR REPLACE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE OR REPLACE FUNCTION plain(n int) RETURNS int LANGUAGE sql RETURN n + 1;`);

    const now = await readShapes(source);
    const changed = [...now].filter(([name, shape]) => before.get(name) !== shape);
    expect(changed.map(([name]) => name).toSorted()).toEqual([
      "public.acting",
      "public.given",
      "public.looked",
      "public.mood",
      "public.plain(n integer)",
      "public.tell()",
      "public.three",
      "public.two",
    ]);
  });
});

test("no trigger acts on what is copied, and each is as it was once it has come", async () => {
  await use("acting", async (copy) => {
    await copy.query(`
      CREATE TABLE written (id int);
      CREATE TABLE "Parted" (id int) PARTITION BY RANGE (id);
      CREATE TABLE low PARTITION OF "Parted" FOR VALUES FROM (0) TO (10);
      CREATE TABLE told (id int);
      CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO told VALUES (NEW.id); RETURN NEW; END';
      CREATE TRIGGER usual AFTER INSERT ON written FOR EACH ROW EXECUTE FUNCTION tell();
      CREATE TRIGGER "Always" AFTER INSERT ON written FOR EACH ROW EXECUTE FUNCTION tell();
      CREATE TRIGGER there AFTER INSERT ON written FOR EACH ROW EXECUTE FUNCTION tell();
      CREATE TRIGGER parted AFTER INSERT ON "Parted" FOR EACH ROW EXECUTE FUNCTION tell();
      ALTER TABLE written ENABLE ALWAYS TRIGGER "Always", ENABLE REPLICA TRIGGER there;
      ALTER TABLE low ENABLE ALWAYS TRIGGER parted;`);
    const triggers =
      "SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger ORDER BY 1";
    const before = await listed(copy, triggers);

    const putBack = await disableTriggers(copy);

    await copy.query(
      'SET session_replication_role = replica; INSERT INTO written VALUES (1); INSERT INTO "Parted" VALUES (2)',
    );
    expect(await listed(copy, "SELECT id FROM told")).toEqual([]);
    for (const statement of putBack) await copy.query(statement);
    expect(await listed(copy, triggers)).toEqual(before);
  });
});

test("only what would keep a server from starting is a fault of its configuration", async () => {
  await use("faulty", async (source) => {
    // ALTER SYSTEM would refuse it: into a file, as by hand.
    const write = async (line: string) =>
      await source.query(
        `COPY (SELECT ${escapeLiteral(line)}) TO PROGRAM 'cat >>postgresql.auto.conf'`,
      );
    const faults = async () => (await restartFacts(source)).faults;
    await source.query("ALTER SYSTEM SET max_connections = 90");
    expect(await faults()).toEqual([]);
    await source.query("ALTER SYSTEM RESET max_connections");
    await write("max_locks_per_transaction = 1OO");

    const [fault, ...others] = await faults();

    expect(fault).toMatch(/postgresql\.auto\.conf:\d+: max_locks_per_transaction: /);
    expect(others).toEqual([]);
    await source.query("COPY (SELECT) TO PROGRAM 'sed -i /1OO/d postgresql.auto.conf'");
    expect(await faults()).toEqual([]);
  });
});

test("a restart is known by whom else it cuts off, and by what it would bring with it", async () => {
  await use("restarted", async (source) => {
    await use("other", async (other) => {
      await other.query("SELECT 1");
      await source.query("ALTER SYSTEM SET max_connections = 90");
      await source.query("SELECT pg_reload_conf()");
      const pending = async () => (await restartFacts(source)).pending.join();
      await expect.poll(pending).toContain("max_connections");

      const { databases, faults } = await restartFacts(source);

      expect(databases).toContainEqual({ name: "other", sessions: 1 });
      expect(faults).toEqual([]);
      await source.query("ALTER SYSTEM RESET max_connections");
      await source.query("SELECT pg_reload_conf()");
    });
  });
});
