import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { connectEngine } from "../../src/engine/connect.ts";
import { execute, openSession } from "../../src/engine/exec.ts";
import { measureStretch } from "../../src/steps/await-quiet.ts";
import { backupsOf } from "../support/backups.ts";
import { tags } from "../support/miniature.ts";
import { once } from "../support/once.ts";
import { Scene } from "../support/scene.ts";
import { changeRows, newestGeneration, openTransaction, readRows } from "../support/traces.ts";
import { expectExact, expectExit } from "./expectations.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.set("e2e-busy");
});
afterAll(async () => await scene?.site.remove());

const row = (id: number) =>
  `INSERT INTO dem_historique (id, demande, quand, detail) OVERRIDING SYSTEM VALUE VALUES (${id}, 1, now(), 'import')`;

/** An import that saves a hundred rows, each by itself, and is not at its end. */
const rows = Array.from({ length: 100 }, (_, index) => 900_000_100 + index);
const imported = rows.flatMap((id) => [`SAVEPOINT s${id}`, row(id), `RELEASE s${id}`]);

/** A row that the version's own pages write, and only once its database is another than the one before. */
const written = 900_000_300;
const writesWhenSeen = `
  CREATE FUNCTION essai() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
  BEGIN
    IF left(pg_walfile_name(pg_current_wal_lsn()), 8) <> '00000001' THEN
      ${row(written)} ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER essai AFTER UPDATE OF last_seen ON common_user FOR EACH ROW EXECUTE FUNCTION essai()`;

const detailOf = async (generation: number, id: number) => {
  const query = `SELECT detail FROM dem_historique WHERE id = ${id}`;
  return (await readRows<{ detail: string }>(scene.site.instance, generation, query))[0]?.detail;
};

/** What only this machine's site has, and no copy of the database. */
const cache = "CREATE UNLOGGED TABLE essai_cache AS SELECT 1 AS id";

const swapped = once(async () => {
  const { site } = scene;
  await changeRows(site.instance, 1, [writesWhenSeen, cache]);
  const end = await openTransaction(site.instance, { generation: 1, statements: imported });
  const told: Record<string, unknown>[] = [];
  let ended: Promise<void> | undefined;
  const { work, result: swap } = await scene.underLoad(async () =>
    site.operate(["swap", tags.additive, "--override", "unlogged"], (event) => {
      const awaited = event["for"] as { kind: string } | undefined;
      const session = event.type === "waiting" && awaited?.kind === "session";
      if (event.type === "warning" || session) told.push(event);
      if (session) ended ??= end();
    }),
  );
  await ended;
  return { work, swap, told };
});

test("how much longer work takes on a busy machine is measured where it will be done", async () => {
  const engine = await connectEngine();
  const container = `biomaid-${scene.site.instance}-g1-app`;
  expect(await measureStretch(engine, container)).toBeGreaterThan(0.9);
  const busy = "for i in 1 2 3 4 5 6 7 8; do while [ ! -e /tmp/enough ]; do :; done & done; wait";
  const load = await openSession(engine, container, ["sh", "-c", busy]);
  try {
    const slower = async () => (await measureStretch(engine, container)) > 2;
    await vi.waitUntil(slower, { timeout: 60_000, interval: 100 });
  } finally {
    await execute(engine, container, ["touch", "/tmp/enough"]);
    await load.ended;
  }
});

test("a swap that waits for an import says for which session, and goes on when that ends", async () => {
  const { work, swap, told } = await swapped();

  expect(told).toMatchObject([
    { code: "unloggedTables", parameters: { tables: ["public.essai_cache"] } },
    { for: { kind: "session", who: "postgres psql", statement: "SELECT txid_current();" } },
  ]);
  expectExit(swap, 0);
  await expectExact(scene, work, 2);
  expect(await detailOf(2, rows.at(-1)!)).toBe("import");
});

test("what a page writes while it is probed is kept for a rollback, and what users make of it", async () => {
  await swapped();
  const { instance } = scene.site;
  expect(await detailOf(2, written)).toBe("import");
  await changeRows(instance, 2, [
    `UPDATE dem_historique SET detail = 'user' WHERE id = ${written}`,
  ]);

  const rollback = await scene.site.operate(["rollback"]);

  expectExit(rollback, 0);
  expect(rollback.result).toMatchObject({ lost: [] });
  expect(await detailOf(1, written)).toBe("user");
});

test("a backup waits for no lock of production's", { tags: "long" }, async () => {
  const { site } = scene;
  await site.configure({ backup: "" });
  await changeRows(site.instance, 1, ["DROP TABLE IF EXISTS essai_cache", "CREATE TABLE essai ()"]);
  const end = await openTransaction(site.instance, {
    generation: 1,
    statements: ["LOCK TABLE essai IN ACCESS EXCLUSIVE MODE"],
  });
  // It has come to the copy, and the copy was told to stand still.
  const seen = `SELECT 1 AS one FROM pg_locks JOIN pg_stat_activity USING (pid)
                 WHERE backend_type = 'startup' AND mode = 'AccessExclusiveLock'
                   AND EXISTS (SELECT FROM pg_stat_activity
                                WHERE application_name = 'biomaid-updater' AND query ~ 'replay_(pause|resume)')`;
  const untilSeen = async () => {
    const candidate = await newestGeneration(site.instance);
    const found = async () => (await readRows(site.instance, candidate, seen)).length > 0;
    await vi.waitUntil(found, { timeout: 60_000, interval: 200 });
    await end();
  };
  let ended: Promise<void> | undefined;

  const swap = await site.operate(["swap", tags.additive], ({ type, step }) => {
    if (type === "step-started" && step === "backup") ended = untilSeen();
  });

  expectExit(swap, 0);
  await ended;
  expect((await backupsOf(site)).backups.length).toBeGreaterThan(0);
});
