import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Backup } from "../../src/backup/backups.ts";
import { backupsOf, inBackupFolder } from "../support/backups.ts";
import { tags } from "../support/miniature.ts";
import { once } from "../support/once.ts";
import { heldBy, tracesOf, traces } from "../support/traces.ts";
import { Scene } from "../support/scene.ts";
import { errorOf, expectExact, expectExit } from "./expectations.ts";
import type { Work } from "../support/users.ts";

// Generation 1 is backed up twice and left.
let scene: Scene;
let backups: readonly Backup[];
/** Writes that were acknowledged before the backups. */
let written: ReadonlySet<string>;
/** What people did in generation 2. */
let later: Work;
beforeAll(async () => {
  scene = await Scene.set("e2e-restore");
  const { site } = scene;
  expectExit(await site.operate(["backup"]), 0);
  const { result: second } = await scene.underLoad(async (work) => {
    written = new Set(work.acknowledged);
    return await site.operate(["backup"]);
  });
  expectExit(second, 0);
  backups = second.result["backups"] as readonly Backup[];
  expectExit(await site.operate(["swap", tags.additive]), 0);
  ({ work: later } = await scene.underLoad(async () => undefined));
});
afterAll(async () => await scene?.site.remove());

const nameOf = (kind: Backup["kind"]) => backups.find((one) => one.kind === kind)?.name ?? "";

/** All that was acknowledged before the backups is there once, and as it was sent. */
async function expectWritten(generation: number): Promise<void> {
  const prefix = /^w[^-]+-/.exec([...written][0] ?? "")?.[0] ?? "nothing";
  const held = await heldBy(scene.site.instance, generation)(prefix);
  const keys = held.map(({ key }) => key);
  expect(keys.length).toBe(new Set(keys).size);
  expect([...written].filter((key) => !keys.includes(key))).toEqual([]);
}

test("a restore says of when the backup is and what would be lost, and waits for somebody to agree", async () => {
  const before = await scene.picture();

  const refused = await scene.site.operate(["restore", nameOf("dump")]);

  expectExit(refused, 1);
  const { code, what } = errorOf(refused);
  expect(code).toBe("restoreLosesData");
  const rows = Number(/dem_ecriture \(([\d,]+) rows/.exec(what)?.[1]?.replaceAll(",", ""));
  expect(rows).toBeGreaterThanOrEqual(later.ledger.acknowledgedCount / 2);
  expect(await scene.picture()).toEqual(before);
});

for (const { how, damage, tags } of [
  {
    how: "damaged",
    damage: 'printf x | dd of="$f" bs=1 seek=20000 conv=notrunc status=none',
    tags: [],
  },
  { how: "truncated", damage: 'truncate -s -1 "$f"', tags: ["long"] },
]) {
  test(`a ${how} backup is refused before anything has changed`, { tags }, async () => {
    const { site } = scene;
    const before = [await scene.picture(), await scene.history()];
    const name = nameOf("dump");
    await inBackupFolder(site, `f=${name} && cp "$f" whole && ${damage}`);

    const refused = await site.operate(["restore", name, "--accept-data-loss"]);

    expectExit(refused, 1);
    expect(errorOf(refused).code).toBe("backupDamaged");
    expect([await scene.picture(), await scene.history()]).toEqual(before);
    await inBackupFolder(site, `mv whole ${name}`);
  });
}

/** A restore of the dump that was killed after the switch; `recover` has finished it. */
const restored = once(async () => {
  const { site } = scene;
  await site.operate(
    ["restore", nameOf("dump"), "--accept-data-loss", "--foreground"],
    ({ type, step }, _, kill) => {
      if (type === "step-started" && step === "switch-static") kill();
    },
  );
  await site.does("recover");
  const serving = (await scene.status()).serving ?? 0;
  return { serving, traces: await traces(site.instance) };
});

test("a dump taken under load restores, and a restore that is killed after the switch is finished", async () => {
  const { serving, traces: found } = await restored();

  await expectWritten(serving);
  const slots = { 2: 2, [serving]: 3 };
  expect(found).toEqual(
    tracesOf({ serving, others: [2], slots, images: [tags.first, tags.additive] }),
  );
});

test("a rollback after a restore brings back what was served before it", async () => {
  await restored();
  expectExit(await scene.site.operate(["rollback", "--accept-data-loss"]), 0);

  await expectExact(scene, later, 2);
  expect((await scene.status()).serving).toBe(2);
});

/** SQL of the serving database, as a server has it that is newer and is read by others too. */
async function foreignSql(): Promise<string> {
  const { site } = scene;
  const number = (await scene.status()).serving ?? 0;
  const inDatabase = async (command: string) =>
    (
      await execa("docker", [
        "exec",
        "--user=postgres",
        `biomaid-${site.instance}-g${number}-db`,
        "sh",
        "-c",
        command,
      ])
    ).stdout;
  const tables = 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "Tableau de bord"';
  await inDatabase(
    `psql -d biomaid -c 'CREATE ROLE "Tableau de bord"' -c '${tables}' -c 'CREATE PUBLICATION veille FOR ALL TABLES' -c "ALTER DATABASE biomaid SET work_mem = '7MB'" -c "ALTER ROLE biomaid IN DATABASE biomaid SET work_mem = '8MB'" -c "COMMENT ON EXTENSION plpgsql IS 'of an old server'"`,
  );
  const sql = await inDatabase("pg_dump --create --exclude-schema='updater_*' biomaid");
  await inDatabase(
    `psql -d biomaid -c 'DROP PUBLICATION veille' -c 'DROP OWNED BY "Tableau de bord"' -c 'DROP ROLE "Tableau de bord"' -c 'ALTER DATABASE biomaid RESET work_mem' -c 'ALTER ROLE biomaid IN DATABASE biomaid RESET work_mem' -c "COMMENT ON EXTENSION plpgsql IS 'PL/pgSQL procedural language'"`,
  );
  return sql
    .replaceAll(/(OWNER TO|FOR ROLE|OWNER =|ALTER ROLE) biomaid/g, "$1 instance_user")
    .replace("SET client_encoding", "SET transaction_timeout = 0;\nSET client_encoding");
}

test("a dump that somebody brings, of another server and with what belongs to that, goes into the site", async () => {
  const { site } = scene;
  const sql = await foreignSql();
  expect(sql).toMatch(/^CREATE DATABASE[^]*OWNER TO instance_user;[^]*^CREATE PUBLICATION/m);
  await writeFile(join(site.folder, "production.sql"), sql);
  const brought = join(site.folder, "production.sql");
  const told: unknown[] = [];

  const refused = await site.operate(["restore", brought]);
  const done = await site.operate(["restore", brought, "--accept-data-loss"], (event) => {
    if (event.type === "warning") told.push(event);
  });

  expect(errorOf(refused).code).toBe("restoreLosesData");
  expectExit(done, 0);
  const serving = (await scene.status()).serving ?? 0;
  await expectWritten(serving);
  expect(told).toMatchObject([
    {
      code: "dumpLeavesOut",
      parameters: {
        roles: ['"Tableau de bord"'],
        settings: ["work_mem TO '7MB'", "work_mem TO '8MB'"],
      },
    },
  ]);
  const names =
    "SELECT string_agg(n, ' ' ORDER BY n) FROM (VALUES ('Zoé'), ('Éric'), ('eau'), ('Eau')) v(n)";
  const { stdout: sorted } = await execa("docker", [
    "exec",
    "--user=postgres",
    `biomaid-${site.instance}-g${serving}-db`,
    "psql",
    "-d",
    "biomaid",
    "-Atc",
    names,
  ]);
  expect(sorted).toBe("eau Eau Éric Zoé");
});

test(
  "BiomAid's own backup, taken under load, restores to a site whose pages answer",
  { tags: "long" },
  async () => {
    const { site } = scene;

    const fromJson = await site.operate(["restore", nameOf("json"), "--accept-data-loss"]);

    expectExit(fromJson, 0);
    const { steps } = fromJson;
    expect(steps.indexOf("probe")).toBeLessThan(steps.indexOf("close-gate"));
    const { serving, generations } = await scene.status();
    expect(generations.find(({ role }) => role === "serving")?.tag).toBe(tags.first);
    await expectWritten(serving ?? 0);
    expect((await backupsOf(site)).exitCode).toBe(0);
  },
);
