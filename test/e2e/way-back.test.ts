import { docker } from "../support/docker.ts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { WayBack } from "../../src/reverse-replication/way-back.ts";
import type { LossSummary } from "../../src/reverse-replication/return-writes.ts";
import { pages, tags } from "../support/miniature.ts";
import { once } from "../support/once.ts";
import { changeRows, newestGeneration, readRows } from "../support/traces.ts";
import { Scene } from "../support/scene.ts";
import { errorOf, expectExact, expectExit } from "./expectations.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.set("e2e-way-back", "swapped");
});
afterAll(async () => await scene?.site.remove());

const row = (id: number) =>
  `INSERT INTO dem_historique (id, demande, quand, detail) OVERRIDING SYSTEM VALUE VALUES (${id}, 1, now(), 'x')`;

/** How many of these rows there are in a database. */
async function rowsFrom(id: number, generation: number): Promise<number> {
  const count = `SELECT count(*) AS rows FROM dem_historique WHERE id >= ${id}`;
  const [found] = await readRows<{ rows: number }>(scene.site.instance, generation, count);
  return found?.rows ?? 0;
}

interface Status {
  readonly exitCode: number | undefined;
  readonly wayBack: WayBack;
}

async function status(): Promise<Status> {
  const { exitCode, stdout } = await scene.site.run("--json", "status");
  return { exitCode, ...(JSON.parse(stdout) as { wayBack: WayBack }) };
}

/** Returns once the version left does so. */
async function untilFollowing(state: "working" | "stopped" | "lost"): Promise<Status> {
  return await vi.waitUntil(
    async () => {
      const found = await status();
      return found.wayBack.following?.state === state && found;
    },
    { timeout: 60_000, interval: 1_000 },
  );
}

test("status says that the version left follows, how far behind it is and until when", async () => {
  const { exitCode, all } = await scene.site.run("status");

  expect(exitCode, all).toBe(0);
  expect(all).toMatch(
    /Way back to 0\.8\.0: its database follows, at least until .+, \d+.B behind; /,
  );
});

test("the doctor finds nothing wrong with a database that follows", async () => {
  const { stdout } = await scene.site.run("--json", "doctor");
  const { findings } = JSON.parse(stdout) as { findings: { code: string; level: string }[] };
  const troubles = findings.filter(({ level }) => level !== "ok").map(({ code }) => code);
  expect(troubles).not.toContain("keptRunning");
  expect(troubles).not.toContain("restartPolicy");
});

test("a row that the version left cannot take is named by status, and users notice nothing", async () => {
  const { site } = scene;
  await changeRows(site.instance, 1, [row(900_000_001)]);

  const { work, result: stopped } = await scene.underLoad(async () => {
    await changeRows(site.instance, 2, [row(900_000_001)]);
    return await untilFollowing("stopped");
  });

  const metrics = await site.run("status", "--metrics");
  expect(metrics.stdout).toContain(
    `biomaid_follower_working{tag="0.8.0",instance="${site.instance}"} 0`,
  );
  expect(metrics.stdout).toMatch(/^biomaid_follower_lag_bytes\{.*\} [1-9]\d*$/m);
  expect(stopped.exitCode).toBe(5);
  expect(stopped.wayBack.reason).toMatch(/dem_historique_pkey.*\(id\)=\(900000001\)/);
  await expectExact(scene, work, 2);
  await changeRows(site.instance, 1, ["DELETE FROM dem_historique WHERE id = 900000001"]);
  expect((await untilFollowing("working")).exitCode).toBe(0);
});

/** The version left was down while more was written than is kept for it. */
const givenUp = once(async () => {
  const { site } = scene;
  // One row that it takes, and that is deleted while it is down.
  await changeRows(site.instance, 2, [row(900_000_010)]);
  await vi.waitUntil(async () => (await rowsFrom(900_000_010, 1)) === 1, {
    timeout: 60_000,
    interval: 500,
  });
  const database = (await docker()).getContainer(`biomaid-${site.instance}-g1-db`);
  await database.stop();
  await changeRows(site.instance, 2, [
    "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'",
    "SELECT pg_reload_conf()",
    row(900_000_011),
    "INSERT INTO dem_historique (demande, quand, detail) SELECT 1, now(), repeat('x', 500) FROM generate_series(1, 99999)",
    "SELECT pg_switch_wal()",
    "DELETE FROM dem_historique WHERE id = 900000010",
    "CHECKPOINT",
  ]);
  await database.start();
  const { exitCode } = await untilFollowing("lost");
  return { exitCode, refused: await site.operate(["rollback"]) };
});

test("one that falls too far behind is given up, and a rollback counts what it would lose", async () => {
  const { exitCode, refused } = await givenUp();

  expect(exitCode).toBe(5);
  expectExit(refused, 1);
  expect(errorOf(refused)).toMatchObject({
    code: "rollbackLosesData",
    what: expect.stringContaining("dem_historique (100,000 rows") as string,
  });
});

test(
  "prune stops the database of a version that was given up, and the way back stays",
  { tags: "long" },
  async () => {
    await givenUp();
    const { site } = scene;
    const { exitCode, all } = await site.run("prune");
    expect(exitCode, all).toBe(0);
    const slots = await readRows(site.instance, 2, "SELECT slot_name FROM pg_replication_slots");
    expect(slots).toEqual([]);

    const rollback = await site.operate(["rollback", "--accept-data-loss"]);

    expectExit(rollback, 0);
    const lost = rollback.result["lost"] as LossSummary[];
    expect(lost.find(({ table }) => table === "dem_historique")).toMatchObject({ rows: 100_000 });
    // It was taken in, and deleted when nothing arrived any more.
    expect(await rowsFrom(900_000_010, 1)).toBe(1);
  },
);

test("a version that fails its probation is left by itself, and what was written meanwhile comes along", async () => {
  const { site } = scene;
  // What others have lost is none of its concern.
  if ((await scene.servingTag()) !== tags.first) await site.does("rollback", "--accept-data-loss");
  await scene.reach(tags.first);
  await site.configure({ probation: `duration = "30s"\ninterval = "1s"\nfailures = 2` });
  let broken: Promise<void> | undefined;

  const swap = await site.operate(["swap", tags.additive], ({ type, step }) => {
    if (type !== "step-started" || step !== "probation") return;
    const statements = [row(900_000_003), "REVOKE ALL ON common_programme FROM biomaid"];
    broken = newestGeneration(site.instance).then(
      async (number) => await changeRows(site.instance, number, statements),
    );
  });

  await broken;
  await site.configure({});
  expectExit(swap, 3);
  expect(errorOf(swap)).toMatchObject({
    code: "probationFailed",
    what: expect.stringContaining("/geqip-chuap/common/programme/ answer 500") as string,
  });
  const kept = "SELECT id FROM dem_historique WHERE id = 900000003";
  expect(await readRows(site.instance, 1, kept)).toEqual([{ id: 900_000_003 }]);
  expect(
    (await fetch(site.origin + pages.sign, { headers: { "User-Agent": "test" } })).status,
  ).toBe(200);
});
