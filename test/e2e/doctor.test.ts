import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfiguration } from "../../src/config/load.ts";
import { connectEngine } from "../../src/engine/connect.ts";
import { instanceOf } from "../../src/instance/instance.ts";
import { withRestic } from "../../src/backup/list-snapshots.ts";
import { connectDatabase } from "../../src/postgres/connect.ts";
import { longTransactions } from "../../src/postgres/health.ts";
import { asRoot, pictureOf } from "../support/engine.ts";
import { preparedSite } from "../support/prepared-sites.ts";
import type { Site } from "../support/site.ts";
import { openTransaction, traces } from "../support/traces.ts";
import { instance, names, scenesOf } from "./doctor.scenes.ts";

const bin = join(import.meta.dirname, "../../bin");

/** One that serves 0.8.0, its first generation. */
let site: Site;
beforeAll(async () => {
  site = await preparedSite(instance, "first");
});
afterAll(async () => await site?.remove());

interface Told {
  readonly check: string;
  readonly code: string;
  readonly level: "ok" | "warning" | "problem";
  readonly what: string;
  readonly why: string | null;
  readonly fix: string | null;
}

interface Diagnosed {
  readonly exitCode: number | undefined;
  readonly findings: readonly Told[];
  /** Of the instance and everything on the engine that has its name. */
  readonly changed: readonly string[];
}

async function doctor(argv: readonly string[], environment: Record<string, string> = {}) {
  const said = await execa(
    join(bin, "updater"),
    ["--config", join(site.folder, "updater.toml"), ...argv, "doctor"],
    { reject: false, stdin: "ignore", env: environment },
  );
  expect(said.stdout.match(/undefined|\[object |NaN|Invalid Date/g) ?? []).toEqual([]);
  return said;
}

async function diagnose(
  language: "en" | "fr" = "fr",
  environment?: Record<string, string>,
): Promise<Diagnosed> {
  const before = await pictureOf(instance);
  const { exitCode, stdout } = await doctor(["--lang", language, "--json"], environment);
  const after = await pictureOf(instance);
  expect(JSON.parse(stdout), stdout).toMatchObject({ type: "doctor" });
  return {
    exitCode,
    findings: (JSON.parse(stdout) as { findings: Told[] }).findings,
    changed: [
      ...before.filter((line) => !after.includes(line)),
      ...after.filter((line) => !before.includes(line)),
    ],
  };
}

const troubles = (findings: readonly Told[]) =>
  findings.filter(({ level }) => level !== "ok").map(({ level, code }) => `${level}: ${code}`);

/** What this site is warned of when all is well: nobody put TLS in front, rehearsed or saved it. */
const usual = ["warning: noTls", "warning: noRehearsal", "warning: noBackup"];

test("a site that is well is fit, and nothing of it changes", async () => {
  const before = await traces(instance);
  const { exitCode, findings, changed } = await diagnose();
  expect({ exitCode, changed, troubles: troubles(findings) }).toEqual({
    exitCode: 0,
    changed: [],
    troubles: usual,
  });
  expect(findings.map(({ code }) => code)).toEqual(
    expect.arrayContaining(
      "engine builder disk inodes memory reflinks clock baseImages reached configuration permissions serving remains names database transactions replicationSlots".split(
        " ",
      ),
    ),
  );
  expect((await doctor(["--lang", "en"])).stdout).toContain("Fit, with 3 warnings.");
  expect(await traces(instance)).toEqual(before);
});

test("before there is an instance, the machine is looked at", async () => {
  await site.configure({ "": 'instance = "int-doctor-none"' });
  const { exitCode, findings } = await diagnose();
  await site.configure({});
  expect({ exitCode, troubles: troubles(findings) }).toEqual({
    exitCode: 0,
    troubles: ["warning: noTls"],
  });
  expect(findings.map(({ code }) => code)).toContain("noInstance");
});

const file = (name: string) => join(site.folder, name);

describe("the doctor finds", () => {
  // Each in one of the languages, in turns.
  const languages = ["en", "fr"] as const;
  const cases = Object.entries(scenesOf(() => site)).map(
    ([name, scene], index) => [name, languages[index % 2] ?? "en", scene] as const,
  );

  test.each(cases)("%s, in %s", async (_, language, scene) => {
    const restore = await scene.circumstances?.();
    try {
      await site.configure(scene.tables?.() ?? {});
      const { exitCode, findings, changed } = await diagnose(language, scene.environment);
      const told = [...scene.told, ...(scene.instead ? [] : usual)];
      expect({ exitCode, changed, troubles: troubles(findings).toSorted() }).toEqual({
        exitCode: told.some((line) => line.startsWith("problem")) ? 1 : 0,
        changed: [],
        troubles: told.toSorted(),
      });
      const text = findings.map(({ what, why, fix }) => `${what} ${why} ${fix}`).join("\n");
      for (const mention of scene.mentions()) expect(text).toContain(mention);
      if (scene.mends) await mend(findings, scene.told);
    } finally {
      await restore?.();
      await site.configure({});
    }
  });
});

// Of one kind, which takes half as long.
const backup = 'kinds = ["dump"]';

test("a backup made with the command it names is found", async () => {
  await site.configure({ backup });
  const { findings } = await diagnose();
  await type(findings.find(({ code }) => code === "noBackup")?.fix ?? "");
  const after = await diagnose();
  expect(after.findings.find(({ check }) => check === "backups")).toMatchObject({
    code: "backup",
    what: expect.stringMatching(/\d{4}-\d\d-\d\dT[\d-]+Z-0\.8\.0\.dump/),
  });
  await site.configure({});
});

test(
  "what there is of snapshots is told: no repository, none of this site, an old one, a new one",
  { tags: "long" },
  async () => {
    await mkdir(file("depot"));
    await site.configure({ backup, "backup.snapshots": `repository = "${file("depot")}"` });
    const told = async () =>
      (await diagnose()).findings.filter(({ check }) => check === "snapshots");
    const none = await told();
    await inRepository(
      ["init"],
      ["backup", "--host=another", "--tag=biomaid-updater", "/etc/hosts"],
    );
    const foreignOnly = await told();
    const tags = "biomaid-updater,version=0.8.0,generation=1,verified=2026-01-02T03:04:05.000Z";
    const time = "--time=2026-01-02 03:04:05";
    await inRepository(["backup", `--host=${instance}`, time, `--tag=${tags}`, "/etc/hosts"]);
    const old = await told();
    await type(old[0]?.fix ?? "");
    const fresh = await told();
    await site.configure({});
    await asRoot(instance, site.folder, "rm -rf depot");

    const brief = (found: readonly Told[]) => found.map(({ level, code }) => `${level}: ${code}`);
    expect([none, foreignOnly, old, fresh].map(brief)).toEqual([
      ["problem: snapshotRepository"],
      ["warning: noSnapshot"],
      ["warning: snapshotOld"],
      ["ok: snapshot"],
    ]);
    expect(none[0]?.fix).toContain("updater backup");
    expect(none[0]?.what).toMatch(/^[^\n]*depot\/config: no such file[^\n]*$/);
  },
);

test("a transaction that stays open is seen, with who holds it", async () => {
  const end = await openTransaction(instance);
  const database = await connectDatabase(await connectEngine(), names.database(1), {
    database: "biomaid",
    statementLimit: 5_000,
  });
  expect(await longTransactions(database, 0)).toEqual([
    expect.objectContaining({ who: "postgres psql", minutes: 0, state: "idle in transaction" }),
  ]);
  expect(await longTransactions(database, 60)).toEqual([]);
  await database.end();
  await end();
});

/** Types what the doctor says, and asks it again. */
async function mend(findings: readonly Told[], told: readonly string[]): Promise<void> {
  const mine = findings.filter(({ level, code }) => told.includes(`${level}: ${code}`));
  for (const { fix } of mine) await type(fix ?? "");
  const again = await diagnose();
  expect(troubles(again.findings)).toEqual(usual);
}

/** Runs restic in the repository that the site's configuration names, once for each of these. */
async function inRepository(...commands: readonly (readonly string[])[]): Promise<void> {
  const configuration = await loadConfiguration(file("updater.toml"));
  const instance = instanceOf(configuration, await connectEngine(), { event() {} });
  const signal = AbortSignal.timeout(60_000);
  await withRestic(
    instance,
    configuration.backup.snapshots!,
    { readOnly: false },
    async (restic) => {
      for (const command of commands) await restic.run(command, { signal });
    },
  );
}

/** A command as the doctor prints it, in the site's folder. */
async function type(command: string): Promise<void> {
  await execa("sh", ["-c", command], {
    cwd: site.folder,
    stdin: "ignore",
    env: { PATH: `${bin}:${process.env["PATH"]}` },
  });
}
