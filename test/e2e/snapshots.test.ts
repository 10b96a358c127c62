import { docker } from "../support/docker.ts";
import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { connectEngine } from "../../src/engine/connect.ts";
import { baseImage } from "../../src/build/own-images.ts";
import { isRunning, startContainer } from "../../src/engine/containers.ts";
import { execute } from "../../src/engine/exec.ts";
import { labelsOf } from "../../src/engine/labels.ts";
import { backupNumber, namesOf, paths } from "../../src/instance/names.ts";
import type { Snapshot } from "../../src/backup/snapshots.ts";
import { storeFaults } from "../faults/stores.ts";
import { asRoot } from "../support/engine.ts";
import { tags } from "../support/miniature.ts";
import { once } from "../support/once.ts";
import { heldBy, writeMedia } from "../support/traces.ts";
import { Scene } from "../support/scene.ts";
import { errorOf, expectExact, expectExit } from "./expectations.ts";

const instance = "e2e-snapshots";
const password = "un-secret-de-depot";

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.set(instance);
  await mkdir(inSite("repository"));
  await writeFile(inSite("password"), `${password}\n`, { mode: 0o600 });
  await configure();
  await writeMedia(instance, 1, { "devis/a.pdf": "devis", "devis/b.pdf": "facture" });
  await inMedia(1, "head -c 8000000 /dev/urandom >devis/grand.pdf");
});
afterAll(async () => {
  if (!scene) return;
  await inFolder("rm -rf repository/*");
  await scene.site.remove();
});

const inSite = (name: string) => join(scene.site.folder, name);

async function configure(
  repository = "repository",
  more = "",
  backup = `kinds = ["dump"]`,
): Promise<void> {
  const keys = `repository = "${repository}"\npassword_file = "password"\n${more}`;
  await scene.site.configure({ backup, "backup.snapshots": keys });
}

const inFolder = async (command: string) => await asRoot(instance, scene.site.folder, command);

/** Runs a shell command in the media, as the application of a generation. */
async function inMedia(generation: number, command: string): Promise<string> {
  const application = `biomaid-${instance}-g${generation}-app`;
  const script = ["sh", "-c", `cd /srv/media && ${command}`];
  const { status, stdout, stderr } = await execute(await connectEngine(), application, script);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

async function mediaText(file: string): Promise<string> {
  return await (await fetch(`${scene.site.origin}/media/${file}`)).text();
}

async function snapshots(): Promise<readonly Snapshot[]> {
  const { stdout, exitCode, all } = await scene.site.run("--json", "backups");
  expect(exitCode, all).toBe(0);
  const listed = JSON.parse(stdout.split("\n").at(-1) ?? "") as { snapshots: Snapshot[] };
  return listed.snapshots;
}

/**
 * What `docker inspect` shows of the container that takes a snapshot, once restic is at work in it, and the files that
 * a link could lead it to where secrets and processes are.
 */
async function inspectAtWork(): Promise<{ shown: string; reached: readonly string[] }> {
  const container = (await docker()).getContainer(`biomaid-${instance}-snapshots`);
  return await vi.waitUntil(
    async () => {
      const { Processes } = await container
        .top({ ps_args: "-eo pid,args" })
        .catch(() => ({ Processes: [] }));
      const processes = Processes as string[][];
      const pid = processes.find(([, command]) => command?.startsWith("restic "))?.[0];
      if (pid === undefined) return undefined;
      const folders = ["proc", "run/secrets"].map((folder) => `/proc/${pid}/root/${folder}`);
      const within = async (folder: string) => await readdir(folder).catch(() => []);
      const reached = (await Promise.all(folders.map(within))).flat();
      // One that has ended meanwhile reaches nothing.
      if (!existsSync(`/proc/${pid}/root/srv/media/devis`)) return undefined;
      return { shown: JSON.stringify([await container.inspect(), processes]), reached };
    },
    { timeout: 60_000, interval: 50 },
  );
}

/** The first snapshot, and what was acknowledged before it. */
const taken = once(async () => {
  const { site } = scene;
  const before = await scene.picture();
  let atWork: ReturnType<typeof inspectAtWork> | undefined;

  const { work, result } = await scene.underLoad(async (work) => {
    const written = new Set(work.acknowledged);
    const made = await site.operate(["backup"], ({ type, step }) => {
      if (type === "step-started" && step === "snapshot") atWork = inspectAtWork();
    });
    return { written, made };
  });
  expectExit(result.made, 0);
  const first = result.made.result["snapshot"] as Snapshot;
  return { ...result, first, work, before, ...(await atWork) };
});

/** The second, by the swap that it came before. */
const swapped = once(async () => {
  const { first } = await taken();
  await writeMedia(instance, 1, { "devis/c.pdf": "commande" });
  const swap = await scene.site.operate(["swap", tags.additive]);
  expectExit(swap, 0);
  return { first, swap };
});

test("a snapshot taken while people work is read back, and shows nobody the repository's password", async () => {
  const { first, made, work, before, shown, reached } = await taken();

  expect(first).toMatchObject({ tag: tags.first, generation: 1 });
  expect(first.added).toBeGreaterThan(8_000_000);
  expect(await snapshots()).toEqual([first]);
  expect(shown).toMatch(/restic/);
  expect(shown).not.toContain(password);
  expect(made.transcript).not.toContain(password);
  expect(reached).toEqual([]);
  await expectExact(scene, work, 1);
  expect(await scene.picture()).toEqual(before);
});

test(
  "an updater killed while it takes one leaves neither a container nor half a snapshot",
  { tags: "long" },
  async () => {
    const { first } = await taken();
    const before = await scene.picture();
    const engine = await connectEngine();
    const container = `biomaid-${instance}-snapshots`;
    let killed: Promise<unknown> | undefined;

    await scene.site.operate(["backup", "--foreground"], ({ type, step }, _, kill) => {
      if (type === "step-started" && step === "snapshot") killed = inspectAtWork().then(kill);
    });

    await killed;
    expect(await isRunning(engine, container)).toBe(true);
    expect(await snapshots()).toEqual([first]);
    expect(await scene.picture()).toEqual(before);
  },
);

test("what a killed updater was fetching is removed, though what writes it is still at work", async () => {
  const { snapshots: name, media } = namesOf(instance);
  const folder = `${paths.media}/.updater`;
  await startContainer(await connectEngine(), {
    name,
    image: baseImage,
    labels: labelsOf(instance, "snapshots", backupNumber),
    user: "0:0",
    capabilities: ["DAC_OVERRIDE"],
    // As restic does, if faster.
    entrypoint: [
      "sh",
      "-c",
      `mkdir -m 700 ${folder}; cd ${folder} && touch g-1.how && mkdir g-1.unpacked && i=0
       while mkdir g-1.unpacked/$i && touch g-1.unpacked/$i/a; do i=$((i + 1)); done; sleep 600`,
    ],
    mounts: [{ volume: media, path: paths.media }],
  });
  const fetched = async () => await asRoot(instance, media, "ls .updater");
  await vi.waitUntil(async () => (await fetched().catch(() => "")) !== "", { timeout: 30_000 });

  await scene.site.does("prune");

  expect(await fetched()).toBe("");
  expect(await isRunning(await connectEngine(), name)).toBe(false);
});

test(
  "a swap takes the next one before anybody waits, and it adds what is new and no more",
  { tags: "long" },
  async () => {
    const { first, swap } = await swapped();

    expect(swap.steps.indexOf("snapshot")).toBeLessThan(swap.steps.indexOf("close-gate"));
    const [second, ...others] = await snapshots();
    expect(others).toEqual([first]);
    expect(second?.bytes).toBeGreaterThan(8_000_000);
    expect(second?.added).toBeLessThan(1_000_000);
  },
);

test(
  "a wrong password, and a repository that is gone, are told, and nothing takes its place",
  { tags: "long" },
  async () => {
    const { site } = scene;
    const { first } = await swapped();
    await writeFile(inSite("password"), "autre-chose\n");
    const listed = await site.run("backups");
    const refused = await site.operate(["restore", first.name, "--accept-data-loss"]);
    const early = await site.operate(["swap", tags.codeOnly]);
    await writeFile(inSite("password"), `${password}\n`);
    await inFolder("mv repository elsewhere && mkdir repository");
    const away = await site.operate(["backup"]);

    expect(listed.exitCode).toBe(1);
    expect(listed.stdout).toMatch(/\.dump .*verified/);
    expect(listed.stdout).toMatch(/wrong password/);
    expect(listed.stdout).not.toContain("the first updater backup");
    expectExit(refused, 1);
    expect(errorOf(refused).code).toBe("snapshotRepository");
    expectExit(early, 1);
    expect(errorOf(early)).toMatchObject({
      code: "snapshotRepository",
      what: expect.stringMatching(/wrong password/),
    });
    expect(early.steps).not.toContain("build-image");
    expectExit(away, 3);
    expect(errorOf(away).code).toBe("snapshotRepository");
    expect(await inFolder("ls -A repository")).toBe("");
    await inFolder("rmdir repository && mv elsewhere repository");
  },
);

for (const { how, damage, tags } of [
  { how: "missing", damage: "rm", tags: [] },
  { how: "truncated", damage: "truncate -s 4000000", tags: ["long"] },
]) {
  test(
    `with a ${how} file in the repository a restore is refused before anything has changed`,
    { tags },
    async () => {
      const { first } = await swapped();
      const before = [await scene.picture(), await scene.history()];
      const largest = "find repository/data -type f -printf '%s %p\\n' | sort -n | tail -n 1";
      await inFolder(`cp -a repository whole && ${damage} "$(${largest} | cut -d ' ' -f 2)"`);

      const refused = await scene.site.operate(["restore", first.name, "--accept-data-loss"]);

      expectExit(refused, 1);
      expect(errorOf(refused).code).toBe("snapshotDamaged");
      expect([await scene.picture(), await scene.history()]).toEqual(before);
      await inFolder("rm -rf repository && mv whole repository");
    },
  );
}

/** Users have removed, changed and added media since. */
const changed = once(async () => {
  const { first } = await swapped();
  await inMedia(2, "rm devis/a.pdf && printf changed >devis/b.pdf && printf later >devis/d.pdf");
  return { first };
});

test(
  "a restore that is killed while media come back puts them as they were",
  { tags: "long" },
  async () => {
    const { site } = scene;
    const { first } = await changed();
    const before = await scene.picture();

    await site.operate(
      ["restore", first.name, "--accept-data-loss", "--foreground"],
      ({ type, step }, _, kill) => {
        if (type === "step-started" && step === "restore-media") kill();
      },
    );
    const recovered = await site.run("recover");

    expect(recovered.exitCode, recovered.all).toBe(0);
    expect(await scene.picture()).toEqual(before);
    expect(await inMedia(2, "ls devis && cat devis/b.pdf")).toBe(
      "b.pdf\nc.pdf\nd.pdf\ngrand.pdf\nchanged",
    );
  },
);

const restored = once(async () => {
  const { first } = await changed();
  const restore = await scene.site.operate(["restore", first.name, "--accept-data-loss"]);
  expectExit(restore, 0);
});

test("a snapshot comes back as a site whose pages answer, with its media; newer files stay", async () => {
  const { written } = await taken();
  await restored();

  const { serving, generations } = await scene.status();
  expect(generations.find(({ role }) => role === "serving")?.tag).toBe(tags.first);
  const prefix = /^w[^-]+-/.exec([...written][0] ?? "")?.[0] ?? "nothing";
  const keys = (await heldBy(instance, serving ?? 0)(prefix)).map(({ key }) => key);
  expect([...written].filter((key) => !keys.includes(key))).toEqual([]);
  expect(await mediaText("devis/a.pdf")).toBe("devis");
  expect(await mediaText("devis/b.pdf")).toBe("facture");
  expect(await mediaText("devis/d.pdf")).toBe("later");
});

test("a rollback after it puts back the files it has replaced", { tags: "long" }, async () => {
  await restored();
  expectExit(await scene.site.operate(["rollback", "--accept-data-loss"]), 0);

  expect((await scene.status()).serving).toBe(2);
  expect(await mediaText("devis/b.pdf")).toBe("changed");
  expect(await mediaText("devis/a.pdf")).toBe("devis");
});

// One of two in `npm run test:faults`.
test(
  "by ssh a snapshot goes to another host, comes back into a folder, and is missed when that host has lost it",
  { tags: "long" },
  async () => {
    await swapped();
    const fault = storeFaults.find(({ name }) => name.includes("ssh"));
    expect(await fault?.run(scene)).toEqual([]);
  },
);

test(
  "where the site says so a swap goes on without the snapshot that cannot be taken, and tells",
  { tags: "long" },
  async () => {
    const { site } = scene;
    await swapped();
    const keys = 'ssh_key = "ssh_key"\nknown_hosts = "known_hosts"';
    const goOn = 'kinds = ["dump"]\non_failure = "continue"';
    await configure("sftp:nobody@127.0.0.1:/nowhere", keys, goOn);
    const told: unknown[] = [];

    const swap = await site.operate(["swap", tags.codeOnly], ({ type, code }) => {
      if (type === "warning") told.push(code);
    });

    expectExit(swap, 0);
    expect(told).toContain("snapshotRepository");
    expect(await isRunning(await connectEngine(), `biomaid-${instance}-snapshots`)).toBe(false);
  },
);
