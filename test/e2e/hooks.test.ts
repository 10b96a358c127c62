import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localBranches, tags } from "../support/miniature.ts";
import type { Site } from "../support/site.ts";
import { Scene } from "../support/scene.ts";

let scene: Scene;
let site: Site;

beforeAll(async () => {
  scene = await Scene.set("e2e-hooks");
  ({ site } = scene);
});

afterAll(async () => {
  await site?.remove();
});

const points = [
  "code_install",
  "users_inform_before",
  "backup",
  "local_dir_update",
  "instance_stop",
  "instance_launch",
  "users_inform_after",
] as const;

/** The scripts that docs/hooks.md shows. */
const examples = join(import.meta.dirname, "../../docs/hooks");

/** Writes an executable that runs these lines; its path is what a hook's `run` names. */
async function hook(name: string, ...lines: string[]): Promise<string> {
  const path = join(site.folder, name);
  await writeFile(path, ["#!/bin/sh", ...lines, ""].join("\n"));
  await chmod(path, 0o755);
  return path;
}

test("a hook that fails before the switch stops the swap, and production stays as it was", async () => {
  await scene.reach(tags.first);
  const failing = await hook("failing", "echo 'no room for a backup' >&2", "exit 7");
  await site.configure({ "hooks.backup": `run = "${failing}"` });

  const swap = await site.run("swap", tags.additive);

  expect(swap.exitCode, swap.all).toBe(3);
  expect(swap.stdout).toContain("exited with 7");
  expect(await scene.servingTag()).toBe(tags.first);
  const log = await site.run("logs", "--operation");
  expect(log.stdout).toContain("no room for a backup");
});

test("a hook that does not end in time is ended with everything it has started", async () => {
  const pid = join(site.folder, "pid");
  const endless = await hook("endless", `sleep 600 & echo $! >${pid}`, "wait");
  await site.configure({ "hooks.backup": `run = "${endless}"\ntime_limit = "1s"` });

  const swap = await site.run("swap", tags.additive);

  expect(swap.exitCode, swap.all).toBe(3);
  expect(swap.stdout).toContain("did not end within 1 s");
  // A process that has ended has no command line, even while nobody has taken note of its end.
  const started = (await readFile(pid, "utf8")).trim();
  expect(await readFile(`/proc/${started}/cmdline`, "utf8").catch(() => "")).toBe("");
});

test("a hook that cannot be run is told as such, at once", async () => {
  const old = join(site.folder, "old");
  await writeFile(old, "#!/usr/bin/python2\nprint 'done'\n", { mode: 0o755 });
  await site.configure({ "hooks.backup": `run = "${old}"` });

  const swap = await site.run("swap", tags.additive);

  expect(swap.exitCode, swap.all).toBe(3);
  expect(swap.stdout).toContain(`The hook backup (${old}) could not be run, or was killed: ENOENT`);
  expect(swap.stdout).toContain(`head -1 ${old}`);
});

test("the documentation shows the examples as they are", async () => {
  const text = await readFile(join(examples, "../hooks.md"), "utf8");
  for (const point of points) {
    const script = await readFile(join(examples, point), "utf8");
    expect(text).toContain(`\n## \`${point}\`\n`);
    expect(text).toContain(`\`\`\`sh\n${script}\`\`\`\n`);
  }
});

test("local settings that are not merged are refused by the example of a rule of the house", async () => {
  const { local } = site.repositories;
  const commitOf = async (branch: string) =>
    (await execa("git", ["-C", local, "rev-parse", branch])).stdout;
  const [merged, other] = [
    await commitOf(localBranches.main),
    await commitOf(localBranches.missingTable),
  ];
  const rule = async (to: string) =>
    await execa(join(examples, "local_dir_update"), {
      reject: false,
      env: { LOCAL_REPOSITORY: local, UPDATER_FROM_LOCAL: merged, UPDATER_TO_LOCAL: to },
    });
  expect(await rule(merged)).toMatchObject({ exitCode: 0 });
  expect(await rule(other)).toMatchObject({
    exitCode: 1,
    stderr: `local settings ${other} are not on main`,
  });
});

/** A `sendmail` for the hooks, which keeps what it is given; returns where. */
async function mailbox(): Promise<string> {
  const mails = join(site.folder, "mails");
  await hook("sendmail", `cat >>${mails}`);
  process.env["PATH"] = `${site.folder}:${process.env["PATH"]}`;
  return mails;
}

test("hooks run at their points and in order, told what is going on; one that may fail only warns", async () => {
  const called = join(site.folder, "called");
  await scene.reach(tags.first);
  const calling = await hook(
    "calling",
    `echo "$UPDATER_POINT $UPDATER_OPERATION $UPDATER_FROM $UPDATER_TO $UPDATER_INSTANCE" >>${called}`,
    'test "$UPDATER_POINT" != code_install',
  );
  await site.configure({
    ...Object.fromEntries(points.map((point) => [`hooks.${point}`, `run = "${calling}"`])),
    "hooks.code_install": `run = "${calling}"\non_failure = "continue"`,
  });

  const swap = await site.run("swap", tags.additive);

  expect(swap.exitCode, swap.all).toBe(0);
  expect((await readFile(called, "utf8")).trim().split("\n")).toEqual(
    points.map((point) => `${point} swap ${tags.first} ${tags.additive} ${site.instance}`),
  );
  expect(swap.all).toContain("exited with 1");
  expect(await scene.servingTag()).toBe(tags.additive);
});

test("the examples of the documentation do what they say", async () => {
  await scene.reach(tags.additive);
  const mails = await mailbox();
  process.env["LOCAL_REPOSITORY"] = site.repositories.local;
  await writeFile(join(site.folder, "departments.txt"), "radio@example.org\nbloc@example.org\n");
  const example = (point: string) => [`hooks.${point}`, `run = "${join(examples, point)}"`];
  await site.configure(Object.fromEntries(points.map(example)));

  const swap = await site.run("swap", tags.codeOnly);

  expect(swap.exitCode, swap.all).toBe(0);
  const packages = await readFile(join(site.folder, `packages-${tags.codeOnly}.txt`), "utf8");
  expect(packages).toMatch(/^Django==/m);
  const [dump = ""] = await readdir(join(site.folder, "dumps"));
  expect(dump).toMatch(new RegExp(`-${tags.additive}\\.dump$`));
  const head = await readFile(join(site.folder, "dumps", dump));
  expect(head.subarray(0, 5).toString()).toBe("PGDMP");
  expect(await readdir(site.folder)).toContain("import.lock");
  expect(await readdir(site.folder)).not.toContain("import-paused-until");
  const sent = await readFile(mails, "utf8");
  expect(sent.match(/^To: .*$/gm)).toEqual(Array(2).fill("To: radio@example.org,bloc@example.org"));
  expect(sent).toContain(`de ${tags.additive} à ${tags.codeOnly}`);
  expect(sent).toContain(`est à jour : ${tags.codeOnly}`);
});
