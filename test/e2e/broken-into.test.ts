import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Snapshot } from "../../src/backup/snapshots.ts";
import { connectEngine } from "../../src/engine/connect.ts";
import { execute } from "../../src/engine/exec.ts";
import { namesOf } from "../../src/instance/names.ts";
import { answerInstead } from "../support/answer-instead.ts";
import { asRoot } from "../support/engine.ts";
import { tags } from "../support/miniature.ts";
import { Scene } from "../support/scene.ts";
import { writeMedia } from "../support/traces.ts";
import { errorOf, expectExit } from "./expectations.ts";

// An application that somebody has taken over has a shell, its user's rights and all that it has mounted. Each test is
// told what it tries, and looks at what others do then: they run in order, and none mends what one before it has done.
const instance = "e2e-broken-into";
const names = namesOf(instance);

/** What users have sent. */
const media = { "devis/a.pdf": "devis", "b.pdf": "facture", "c.pdf": "commande" };

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.set(instance);
  await mkdir(join(scene.site.folder, "repository"));
  await scene.site.configure({
    backup: `before_swap = false\nkinds = ["dump"]`,
    "backup.snapshots": `repository = "repository"`,
  });
  await writeMedia(instance, 1, { ...media, config: "no repository has this" });
});
afterAll(async () => {
  if (!scene) return;
  await asRoot(instance, scene.site.folder, "rm -rf repository/*");
  await scene.site.remove();
});

/** What the application of a generation does, each whatever becomes of the others. */
async function tries(generation: number, ...commands: readonly string[]): Promise<void> {
  const script = ["sh", "-c", commands.map((command) => `( ${command} )`).join("\n")];
  await execute(await connectEngine(), names.application(generation), script);
}

/** What the proxy answers: the first thousand bytes. */
async function fetched(path: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(scene.site.origin + path, {
    headers: { Range: "bytes=0-999" },
    signal: AbortSignal.timeout(5_000),
  });
  return { status: answer.status, text: await answer.text() };
}

test("it can put nothing in the place of its static files, and shows nobody what the control volume holds", async () => {
  await tries(
    1,
    "cd /run/biomaid/slot-1 && mv static away && ln -s /run/biomaid/control static",
    `cd /run/biomaid/slot-1 && ln -s /run/biomaid/control other &&
     python -c 'import ctypes; ctypes.CDLL(None).renameat2(-100, b"other", -100, b"static", 2)'`,
    "cd /run/biomaid/slot-1 && rm -rf static && ln -s /run/biomaid/control static",
    "cd /run/biomaid && mv slot-1 away",
    "chmod 777 /run/biomaid/slot-1; chown 10001 /run/biomaid/slot-1/static",
  );

  for (const file of ["state.json", "journal.json", "jobs.json"]) {
    expect([file, (await fetched(`/static/${file}`)).status]).toEqual([file, 404]);
  }
});

test("what it leaves among static files and media is not followed, and keeps nobody waiting", async () => {
  const places = [
    ["/run/biomaid/slot-1/static", "/static"],
    ["/srv/media", "/media"],
  ] as const;
  for (const [folder, url] of places) {
    await tries(
      1,
      `cd ${folder} && ln -s /run/biomaid/control/state.json link.json`,
      `cd ${folder} && ln -s /run/biomaid/control folder`,
      `cd ${folder} && ln -s ../../../../etc up`,
      `cd ${folder} && mkfifo fifo`,
      `cd ${folder} && mknod device b 8 0`,
      `cd ${folder} && python -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'`,
      `cd ${folder} && printf x >"$(printf 'a\\nname')"`,
    );
    for (const path of [
      "link.json",
      "folder/state.json",
      "up/passwd",
      "fifo",
      "device",
      "socket",
      "..%2f..%2fcontrol/state.json",
    ]) {
      const { status } = await fetched(`${url}/${path}`);
      expect([url, path, status >= 400]).toEqual([url, path, true]);
    }
    expect((await fetched(`${url}/a%0aname`)).text).toBe("x");
  }
  await tries(1, "truncate -s 1T /run/biomaid/slot-1/static/huge");
  expect(await fetched("/static/huge")).toMatchObject({ status: 206, text: "\0".repeat(1000) });
});

let taken: Snapshot;
test("a backup and a snapshot are taken of what it has made, and it has a say in neither", async () => {
  const manifest = Buffer.from('{"version":1}').toString("base64");
  await tries(
    1,
    `cd /srv/backups && printf x >"$(printf 'x\nbackup 1 ${manifest}\n2026-01-01 0.8.0.dump')"`,
    "cd /srv/backups && ln -s /etc/passwd link.dump; mkfifo fifo.dump; truncate -s 4T huge.dump",
    // Whose names are not for everybody to read.
    "mkdir -m 000 /srv/backups/closed",
    // A folder in which root would work, and everyone may write.
    "mkdir -m 777 /srv/media/.updater",
  );

  const backup = await scene.site.operate(["backup"]);
  expectExit(backup, 0);
  taken = backup.result["snapshot"] as Snapshot;
  // And the folder that is there by now.
  await tries(
    1,
    "cd /srv/backups && mv updater away; rm -rf updater; ls updater && touch updater/seen",
  );
  const listed = await scene.site.run("backups");
  const [own, ...others] = listed.stdout.split("\n").filter((line) => /dump/.test(line));
  expect(own).toContain("0.8.0.dump");
  expect(others.map((line) => line.trim()).toSorted()).toEqual([
    expect.stringContaining("huge.dump"),
    expect.stringContaining(`x�backup 1 ${manifest}�2026-01-01 0.8.0.dump`),
  ]);
});

test("the swap away from it is done, though it says nonsense, and the next version is in its place", async () => {
  await tries(1, answerInstead("nonsense"));
  const refused = await scene.site.operate(["swap", tags.additive]);
  expectExit(refused, 1);
  expect(errorOf(refused)).toMatchObject({
    code: "servingUnhealthy",
    what: expect.stringContaining("do not answer"),
  });
  // In the name of the program that answers the updater.
  await tries(
    1,
    `setsid sh -c 'while sleep 0.02; do
       for one in /proc/[0-9]*; do grep -aq operate "$one/cmdline" && echo nonsense >"$one/fd/1"; done
     done' </dev/null >/dev/null 2>&1 &`,
  );
  const swap = await scene.site.operate(["swap", tags.additive, "--override", "unhealthy"]);
  expectExit(swap, 0);
  expect(swap.transcript).toContain('"servingUnhealthy"');
  await tries(
    2,
    "cd /run/biomaid/slot-2 && mv static away; ln -s /run/biomaid/control static",
    // For when it is told to wait before it boots again.
    "ln -s /run/biomaid/control/made-by-root /run/biomaid/slot-2/held-back",
  );

  expect((await fetched("/static/state.json")).status).toBe(404);
  expect(await scene.staticEdition()).toBe(tags.additive);
});

test("a snapshot comes back through what it does meanwhile, and the repository is as it was", async () => {
  const sum = "find repository -type f -not -path '*/locks/*' | sort | xargs sha256sum";
  const before = await asRoot(instance, scene.site.folder, sum);
  // As soon as there is a folder to unpack into, it has another one in its place, whose media lead into the repository.
  const meanwhile = tries(
    2,
    `cd /srv/media && rm -rf .updater; mkdir -m 777 .updater
     while [ ! -e stop ]; do
       for one in .updater/*.unpacked; do
         [ -O "$one" ] || { mv "$one" "$one.away" && mkdir -p "$one/srv" && ln -s /repository "$one/srv/media"; }
       done
       sleep 0.01
     done`,
  );
  // Where files are to come back there is something else, or one that says that it has not changed.
  await tries(
    2,
    "cd /srv/media && mv devis away && ln -s nowhere devis",
    "cd /srv/media && cp -p b.pdf time && printf FACTURE >b.pdf && touch -r time b.pdf",
    "cd /srv/media && rm c.pdf && mkdir c.pdf && touch c.pdf/inside",
  );
  let fetchedFiles: Promise<string> | undefined;
  const restore = await scene.site.operate(
    ["restore", taken.name, "--accept-data-loss"],
    ({ type, step }) => {
      if (type === "step-started" && step === "load-backup")
        fetchedFiles = asRoot(instance, names.media, "find .updater/g-1* -type f");
    },
  );
  await asRoot(instance, names.media, "touch stop");
  await meanwhile;

  expect(await asRoot(instance, scene.site.folder, sum)).toBe(before);
  expectExit(restore, 0);
  for (const [file, content] of Object.entries(media))
    expect([file, (await fetched(`/media/${file}`)).text]).toEqual([file, content]);
  // No link among the media leads to a secret that is beside them.
  const beside = (await fetchedFiles)?.split("\n") ?? [];
  expect(beside).toContain(".updater/g-1/b.pdf");
  expect(beside.filter((file) => /unpacked\/(?!srv\/backups)/.test(file))).toEqual([]);
});

test("the way back leaves alone what its links lead to", async () => {
  expectExit(await scene.site.operate(["rollback", "--accept-data-loss"]), 0);

  expect((await scene.status()).serving).toBe(2);
  expect(await scene.staticEdition()).toBe(tags.additive);
  const list = ["ls", "/run/biomaid/control"];
  const { stdout } = await execute(await connectEngine(), names.proxy, list);
  expect(stdout).toContain("state.json");
  expect(stdout).not.toContain("made-by-root");
  expect(await scene.disorder()).toEqual([]);
});
