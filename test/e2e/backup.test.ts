import { afterAll, beforeAll, expect, test } from "vitest";
import type { Backup } from "../../src/backup/backups.ts";
import { backupsOf, draftsOf, inBackupFolder } from "../support/backups.ts";
import { tags } from "../support/miniature.ts";
import { changeRows } from "../support/traces.ts";
import { Scene } from "../support/scene.ts";
import { errorOf, expectExact, expectExit } from "./expectations.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.set("e2e-backup");
});
afterAll(async () => await scene?.site.remove());

const backups = async () => (await backupsOf(scene.site)).backups;

/** A release serves, and the next swap is one that makes backups. */
async function backingUpBeforeSwaps(
  tag: typeof tags.first | typeof tags.additive,
  keys = "",
): Promise<void> {
  await scene.site.configure({});
  await scene.reach(tag);
  await scene.site.configure({ backup: keys });
}

test("both kinds are made, tried and listed while people work, and nothing else is left", async () => {
  const before = await scene.picture();

  const { work, result: made } = await scene.underLoad(
    async () => await scene.site.operate(["backup"]),
  );

  expectExit(made, 0);
  await expectExact(scene, work, 1);
  const [dump, json] = made.result["backups"] as readonly Backup[];
  expect(dump?.name).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-0\.8\.0\.dump$/);
  expect(json?.name).toMatch(/Z-0\.8\.0\.json\.bz2$/);
  expect(await backups()).toEqual(
    [dump, json].map((one) => expect.objectContaining({ ...one, damaged: false }) as object),
  );
  expect(await scene.picture()).toEqual(before);
});

test("data that would not come back end the swap before anybody waits, and nothing of it is kept", async () => {
  const { site } = scene;
  await backingUpBeforeSwaps(tags.first);
  const before = [await scene.picture(), await backups()];
  // As a trigger that was off, or a disk that lies, leaves it.
  await changeRows(site.instance, 1, [
    "SET session_replication_role = replica",
    "UPDATE dem_demande SET programme_id = 4711 WHERE id = 1",
  ]);

  const swap = await site.operate(["swap", tags.additive]);

  expectExit(swap, 3);
  expect(errorOf(swap)).toMatchObject({
    code: "backupFailed",
    what: expect.stringContaining("4711") as string,
  });
  expect(swap.steps.at(-1)).toBe("backup");
  await changeRows(site.instance, 1, ["UPDATE dem_demande SET programme_id = 1 WHERE id = 1"]);
  expect([await scene.picture(), await backups()]).toEqual(before);
});

test(
  "a swap backs up from its clone, while production changes its tables",
  { tags: "long" },
  async () => {
    const { site } = scene;
    await backingUpBeforeSwaps(tags.first);
    const before = (await backups()).length;
    let altered: Promise<void> | undefined;

    const { work, result: swap } = await scene.underLoad(async () =>
      site.operate(["swap", tags.additive], ({ type, step }) => {
        if (type !== "step-started" || step !== "backup") return;
        altered = changeRows(site.instance, 1, ["CREATE TABLE essai ()", "DROP TABLE essai"]);
      }),
    );

    await altered;
    expectExit(swap, 0);
    await expectExact(scene, work, (await scene.status()).serving ?? 0);
    const kept = await backups();
    expect(kept.length).toBe(before + 2);
    expect(kept.every(({ generation, damaged }) => generation === 1 && !damaged)).toBe(true);
  },
);

test(
  "BiomAid's own backup that takes longer than a swap may wait for it is left out, and told, and the next time not even begun",
  { tags: "long" },
  async () => {
    const { site } = scene;
    const swap = async () => {
      await backingUpBeforeSwaps(tags.first, 'json_limit = "1s"');
      const before = (await backups()).map(({ name }) => name);
      const told: unknown[] = [];
      const swapped = await site.operate(["swap", tags.additive], ({ type, code, parameters }) => {
        if (type === "warning" && code === "ownBackupLeftOut") told.push(parameters);
      });
      expectExit(swapped, 0);
      const made = (await backups()).filter(({ name }) => !before.includes(name));
      expect(made).toEqual([expect.objectContaining({ kind: "dump", damaged: false })]);
      expect(await draftsOf(site)).toEqual([]);
      return told;
    };
    // Whatever an earlier test has made is of no concern to the first one.
    await site.configure({ backup: 'kinds = ["dump"]' });
    await site.does("backup");
    await inBackupFolder(site, "rm -f *.json.bz2*");

    expect(await swap()).toEqual([{ limitMs: 1000, lastMs: null }]);

    // However long it takes.
    await site.does("backup");
    expect(await swap()).toEqual([{ limitMs: 1000, lastMs: expect.any(Number) as number }]);
  },
);

test(
  "where the site says so a swap goes on without the backup that cannot be made, and tells",
  { tags: "long" },
  async () => {
    const { site } = scene;
    await backingUpBeforeSwaps(tags.additive, 'on_failure = "continue"');
    const before = await backups();
    await changeRows(site.instance, (await scene.status()).serving ?? 0, [
      "SET session_replication_role = replica",
      "UPDATE dem_demande SET programme_id = 4711 WHERE id = 1",
    ]);
    const told: unknown[] = [];

    const swap = await site.operate(["swap", tags.codeOnly], ({ type, code }) => {
      if (type === "warning") told.push(code);
    });

    expectExit(swap, 0);
    expect(told).toContain("backupFailed");
    expect(await backups()).toEqual(before);
    expect(await draftsOf(scene.site)).toEqual([]);
  },
);
