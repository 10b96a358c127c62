import { docker } from "../support/docker.ts";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operatorKills } from "../faults/operator-kills.ts";
import { Scene } from "../support/scene.ts";
import { tags } from "../support/miniature.ts";

const updater = join(import.meta.dirname, "../../bin/updater");

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.set("e2e-supervised");
});
afterAll(async () => await scene?.site.remove());

// One of `npm run test:faults`, which has every step: users wait meanwhile.
test("an operation whose container dies is started again, and recovers without a command or a valid updater.toml", async () => {
  const how = "killed with updater.toml half edited";
  const fault = operatorKills.find(({ name }) => name === `swap, supervised, ${how} at migrate`);
  expect(await fault?.run(scene)).toEqual([]);
});

test("Ctrl-C reaches an operation that the engine runs", async () => {
  await scene.reach(tags.first);
  const before = await scene.picture();
  const { exitCode, result } = await scene.site.operate(["swap", tags.additive], (event, ctrlC) => {
    if (event.type === "step-started" && event.step === "clone-database") ctrlC();
  });

  expect(exitCode).toBe(3);
  expect(result).toMatchObject({ outcome: "restored", error: { code: "interrupted" } });
  expect(await scene.picture()).toEqual(before);
});

test("an operation goes on when its terminal is closed; attach shows all of it, and its end", async () => {
  await scene.reach(tags.first);
  const { site } = scene;
  const swap = site.run("swap", tags.additive);
  await until(swap.stderr, "Clone the live database");
  swap.kill("SIGHUP");
  await swap;
  const refused = await site.run("swap", tags.additive);
  const attached = await site.run("attach");

  expect(refused.exitCode).toBe(1);
  expect(refused.all).toMatch(/has been running “swap 0\.8\.1”.*\n.*\nNext: .*updater attach/);
  expect(attached.exitCode).toBe(0);
  expect(attached.stderr).toMatch(/Following “swap 0\.8\.1”, begun by .*\n✔ Find the release/);
  expect(attached.stdout).toContain("BiomAid 0.8.1 is serving; 0.8.0 is kept.");
  expect(await scene.disorder()).toEqual([]);
  expect((await site.run("attach")).stdout).toMatch(/^There is nothing to follow here/);
});

test(
  "what ended while nobody read along makes room for the next operation",
  { tags: "long" },
  async () => {
    await scene.reach(tags.additive);
    const { site } = scene;
    const detached = await site.run("rollback", "--detach");
    expect([detached.exitCode, detached.stdout]).toEqual([
      0,
      expect.stringContaining("updater attach"),
    ]);
    // Also before it has looked around, and taken the lock.
    expect(await site.does("status")).toMatchObject({ operation: { operation: "rollback" } });
    await (await operator()).wait();

    expect(await scene.servingTag()).toBe(tags.first);
    await scene.site.does("prune");
    expect((await scene.picture()).containers.join()).not.toContain("operator");
  },
);

test(
  "an operation recovers where the folder it was typed in is gone by then",
  { tags: "long" },
  async () => {
    await scene.reach(tags.first);
    const before = await scene.picture();
    const folder = await mkdtemp(join(tmpdir(), "biomaid-typed-in-"));
    const swap = execa(updater, [...inSite(), "swap", tags.additive], {
      cwd: folder,
      reject: false,
      all: true,
      env: { LC_ALL: "C" },
    });
    await until(swap.stderr, "Clone the live database");
    await rm(folder, { recursive: true });
    await (await operator()).kill();
    const { exitCode, all } = await swap;

    expect(exitCode, all).toBe(3);
    expect(await scene.picture()).toEqual(before);
  },
);

test("the environment of whoever asks is not shown by the container", async () => {
  await scene.reach(tags.first);
  const environment = { HTTPS_PROXY: "http://user:not-for-everybody@proxy.invalid:3128" };
  const swap = run(environment, "swap", tags.additive);
  await until(swap.stderr, "Clone the live database");
  const shown = JSON.stringify(await (await operator()).inspect());
  swap.kill("SIGINT");
  const { exitCode, all } = await swap;

  expect(exitCode, all).toBe(3);
  expect(shown).toContain("updater");
  expect(shown).not.toContain("not-for-everybody");
});

test("where the engine cannot see the site's files, the operation runs in the foreground and says so", async ({
  skip,
}) => {
  const { failed } = await execa("unshare", ["--mount", "true"], { reject: false });
  if (failed) skip("hiding a folder takes the right to mount");
  await scene.reach(tags.first);
  const { folder } = scene.site;
  // Another mount where the folder is: the engine finds nothing there.
  const hidden = `cp -a ${folder} /tmp/copy-$$ && mount -t tmpfs none ${folder} && cp -a /tmp/copy-$$/. ${folder} && rm -r /tmp/copy-$$`;
  const command = `${hidden} && exec ${updater} --config ${folder}/updater.toml prune`;
  const { exitCode, all } = await execa("unshare", ["--mount", "sh", "-c", command], {
    reject: false,
    all: true,
    env: { LC_ALL: "C" },
  });

  expect(all).toContain("if this terminal is closed, the operation is undone");
  expect(exitCode).toBe(0);
});

const inSite = () => ["--config", join(scene.site.folder, "updater.toml")];

function run(environment: Record<string, string>, ...argv: readonly string[]) {
  return execa(updater, [...inSite(), ...argv], {
    reject: false,
    all: true,
    stdin: "ignore",
    env: { LC_ALL: "C", ...environment },
  });
}

async function operator() {
  return (await docker()).getContainer(`biomaid-${scene.site.instance}-operator`);
}

async function until(stream: NodeJS.ReadableStream, words: string): Promise<void> {
  let text = "";
  while (!text.includes(words)) text += String(await once(stream, "data"));
}
