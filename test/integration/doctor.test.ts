import { chmod, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfiguration } from "../../src/config/load.ts";
import { connectEngine } from "../../src/engine/connect.ts";
import { runToEnd } from "../../src/engine/containers.ts";
import { execute } from "../../src/engine/exec.ts";
import { label, labelsOf, type Role } from "../../src/engine/labels.ts";
import { instanceOf } from "../../src/instance/instance.ts";
import { namesOf } from "../../src/instance/names.ts";
import { openBriefly } from "../../src/operations/list-snapshots.ts";
import { connectDatabase } from "../../src/postgres/connect.ts";
import { longTransactions } from "../../src/postgres/health.ts";
import { asRoot, pictureOf } from "../support/engine.ts";
import { createSite, type Site } from "../support/site.ts";
import { openTransaction, traces } from "../support/traces.ts";
import { foreign } from "./bad-input.refusal.ts";

const instance = "int-doctor";
const names = namesOf(instance);
const bin = join(import.meta.dirname, "../../bin");
const base = "biomaid-updater/base:12";

/** One that serves 0.8.0, its first generation. */
let site: Site;
beforeAll(async () => {
  site = await createSite(instance);
  const { exitCode, all } = await site.updater("init", "0.8.0", "--from-dump", site.dump);
  if (exitCode !== 0) throw new Error(all);
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

interface Scene {
  /** Makes the world bad; what it returns makes it good again. */
  readonly circumstances?: () => Promise<() => unknown>;
  /** Tables of updater.toml, over the usual ones. */
  readonly tables?: () => Record<string, string>;
  readonly environment?: Record<string, string>;
  /** Beside the usual ones, or instead of them. */
  readonly told: readonly string[];
  readonly instead?: true;
  /** What must not be missing, in any language. */
  readonly mentions: () => readonly string[];
  /** What it tells to type mends it. */
  readonly mends?: true;
}

const file = (name: string) => join(site.folder, name);

const python = '[[build.versions]]\nfrom = "0.8"\npython = "3.11"';

const scenes: Record<string, Scene> = {
  "a secret that others may read": {
    circumstances: async () => {
      await writeFile(file("token"), "s3cret", { mode: 0o644 });
      return () => rm(file("token"));
    },
    tables: () => ({ secrets: `token = "${file("token")}"` }),
    told: ["problem: secretOpen"],
    mentions: () => [`chmod 600 ${file("token")}`],
    mends: true,
  },
  "settings that everybody may change": {
    circumstances: async () => {
      await copyFile(site.repositories.settings, file("settings.py"));
      await chmod(file("settings.py"), 0o666);
      return () => rm(file("settings.py"));
    },
    tables: () => ({ site: `settings = "${file("settings.py")}"\nhost_names = ["localhost"]` }),
    told: ["problem: worldWritable"],
    mentions: () => [`chmod o-w ${file("settings.py")}`],
    mends: true,
  },
  "a file that somebody else owns": {
    circumstances: async () => {
      await writeFile(file("token"), "s3cret", { mode: 0o600 });
      await execa("chown", ["nobody", file("token")]);
      return () => rm(file("token"));
    },
    tables: () => ({ secrets: `token = "${file("token")}"` }),
    told: ["warning: foreignOwner"],
    mentions: () => ["chown", file("token")],
    mends: true,
  },
  "a bundle that holds no certificate": {
    circumstances: async () => {
      await writeFile(file("ca.pem"), "nothing");
      return () => rm(file("ca.pem"));
    },
    tables: () => ({ build: `extras = []\nca_bundle = "${file("ca.pem")}"\n${python}` }),
    told: ["problem: caBundle", "problem: unreachable"],
    mentions: () => [file("ca.pem"), "build.ca_bundle", "(pip)"],
  },
  "a key that does not exist: the rest is looked at": {
    tables: () => ({ hold: 'maximum = "3s"' }),
    told: ["problem: configurationInvalid"],
    mentions: () => ["hold.maximum", "0.8.0"],
  },
  "a hook that cannot be executed": {
    circumstances: async () => {
      await writeFile(file("hook"), "");
      return () => rm(file("hook"));
    },
    tables: () => ({ "hooks.backup": `run = "${file("hook")}"` }),
    told: ["problem: configurationInvalid"],
    mentions: () => [`chmod +x ${file("hook")}`],
  },
  "a configuration that is not TOML": {
    tables: () => ({ "": "instance = " }),
    told: ["problem: configurationSyntax"],
    instead: true,
    mentions: () => ["updater.toml", "Docker Engine"],
  },
  "an engine that does not answer": {
    environment: { DOCKER_HOST: "tcp://127.0.0.1:9" },
    told: ["problem: engineUnreachable", "warning: noTls"],
    instead: true,
    mentions: () => ["ECONNREFUSED", "DOCKER_HOST"],
  },
  "a base image that is not there": {
    tables: () => ({
      build: `extras = []\n${python}\nimage = "int-doctor/none:1"`,
    }),
    told: ["problem: baseImageMissing"],
    mentions: () => ["int-doctor/none:1", "npm run setup"],
  },
  "an application that is stopped": {
    circumstances: async () => await container(names.application(1), "stop", "start"),
    told: ["problem: stopped"],
    mentions: () => [names.application(1), "updater recover"],
    mends: true,
  },
  "a page that does not answer": {
    tables: () => ({ probe: 'anonymous_pages = ["/zz-nowhere/"]' }),
    told: ["problem: pagesFail"],
    mentions: () => ["/zz-nowhere/ (404)", "updater logs"],
  },
  "a proxy that a reboot would not bring back": {
    circumstances: async () => {
      const update = async (Name: string) =>
        (await connectEngine()).getContainer(names.proxy).update({ RestartPolicy: { Name } });
      await update("no");
      return async () => await update("unless-stopped");
    },
    told: ["warning: restartPolicy"],
    mentions: () => [`docker update --restart unless-stopped ${names.proxy}`],
    mends: true,
  },
  "a replication slot that nobody reads": {
    circumstances: async () => {
      await sql("SELECT pg_create_physical_replication_slot('zz_foreign', true)");
      const drop =
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'zz_foreign'";
      return async () => await sql(drop);
    },
    told: ["warning: slotKeepsLog"],
    mentions: () => ["zz_foreign", names.database(1), "pg_drop_replication_slot"],
    mends: true,
  },
  "a database that a power cut would damage": {
    circumstances: async () => {
      await sql("ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()");
      return async () =>
        await sql("ALTER SYSTEM RESET full_page_writes", "SELECT pg_reload_conf()");
    },
    told: ["problem: setting"],
    mentions: () => ["full_page_writes", "ALTER SYSTEM RESET"],
    mends: true,
  },
  "parts of a generation that the state does not know": {
    circumstances: async () => await volume(`${instance}-zz`, "database-data", 99),
    told: ["warning: unfinished"],
    mentions: () => [`${instance}-zz`, "99", "updater prune"],
    mends: true,
  },
  "a volume with the site's label that is not its own": {
    circumstances: async () => await volume(`${instance}-zz`, "slot"),
    told: ["warning: strangers"],
    mentions: () => [`docker volume inspect ${instance}-zz`],
  },
  "gates without an operation": {
    circumstances: async () => await stopped(names.gates[0] ?? "", "gate"),
    told: ["warning: gatesLeft"],
    mentions: () => [names.gates[0] ?? "", "updater prune"],
    mends: true,
  },
  "a lock whose container is dead": {
    circumstances: async () => await stopped(names.control, "control"),
    told: ["warning: deadLock"],
    mentions: () => ["swap 0.8.1", "updater prune"],
  },
  "a gate that is closed without an operation": {
    circumstances: async () => {
      await point("../gate");
      return async () => await point("../slot-1");
    },
    told: ["problem: gateClosed"],
    mentions: () => [names.database(1), "LOGIN", "slot-1", "updater prune"],
    mends: true,
  },
  "a foreign container with a name of ours": {
    circumstances: async () => await foreign("container", names.application(2)),
    told: ["problem: foreignContainer"],
    mentions: () => [`docker inspect ${names.application(2)}`],
  },
  "a foreign volume with a name a rehearsal needs": {
    circumstances: async () => await foreign("volume", names.data(0)),
    told: ["problem: foreignVolume"],
    mentions: () => [`docker volume inspect ${names.data(0)}`],
  },
};

describe("the doctor finds", () => {
  // Each in one of the languages, in turns.
  const languages = ["en", "fr"] as const;
  const cases = Object.entries(scenes).map(
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

test("a backup made with the command it names is found", async () => {
  const { findings } = await diagnose();
  await type(findings.find(({ code }) => code === "noBackup")?.fix ?? "");
  const after = await diagnose();
  expect(after.findings.find(({ check }) => check === "backups")).toMatchObject({
    code: "backup",
    what: expect.stringMatching(/\d{4}-\d\d-\d\dT[\d-]+Z-0\.8\.0\.(dump|json\.bz2)/),
  });
});

test("what there is of snapshots is told: no repository, none of this site, an old one, a new one", async () => {
  await mkdir(file("depot"));
  await site.configure({ "backup.snapshots": `repository = "${file("depot")}"` });
  const told = async () => (await diagnose()).findings.filter(({ check }) => check === "snapshots");
  const none = await told();
  await inRepository(["init"], ["backup", "--host=another", "--tag=biomaid-updater", "/etc/hosts"]);
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
});

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
  const restic = await openBriefly(instance, configuration.backup.snapshots!, { readOnly: false });
  const signal = AbortSignal.timeout(60_000);
  try {
    for (const command of commands) await restic.run(command, { signal });
  } finally {
    await restic.remove();
  }
}

/** A command as the doctor prints it, in the site's folder. */
async function type(command: string): Promise<void> {
  await execa("sh", ["-c", command], {
    cwd: site.folder,
    stdin: "ignore",
    env: { PATH: `${bin}:${process.env["PATH"]}` },
  });
}

async function container(name: string, bad: "stop", good: "start") {
  const one = (await connectEngine()).getContainer(name);
  await one[bad]();
  // Started already, where the doctor's own command was typed.
  return async () => await one[good]().catch(() => undefined);
}

async function volume(name: string, role: Role, generation?: number) {
  const engine = await connectEngine();
  await engine.createVolume({ Name: name, Labels: labelsOf(instance, role, generation) });
  return async () =>
    await engine
      .getVolume(name)
      .remove()
      .catch(() => undefined);
}

async function stopped(name: string, role: Role) {
  const engine = await connectEngine();
  const Labels = {
    ...labelsOf(instance, role),
    [label.operation]: "swap 0.8.1",
    [label.since]: new Date().toISOString(),
  };
  const made = await engine.createContainer({ name, Image: base, Cmd: ["true"], Labels });
  return async () => await made.remove().catch(() => undefined);
}

async function point(target: string): Promise<void> {
  await runToEnd(await connectEngine(), {
    name: `${names.control}-point`,
    image: base,
    labels: labelsOf(instance, "scratch"),
    entrypoint: [
      "sh",
      "-c",
      `cd /c && ln -sfn ${target} .serving.next && mv -T .serving.next serving`,
    ],
    mounts: [{ volume: names.control, path: "/c" }],
  });
}

async function sql(...statements: readonly string[]): Promise<void> {
  const commands = statements.flatMap((statement) => ["-c", statement]);
  const engine = await connectEngine();
  const { status, stderr } = await execute(
    engine,
    names.database(1),
    ["psql", "-X", "-v", "ON_ERROR_STOP=1", ...commands],
    { user: "postgres" },
  );
  if (status !== 0) throw new Error(stderr);
}
