import { readFile, readlink } from "node:fs/promises";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { baseImage } from "../../src/build/own-images.ts";
import { connectEngine } from "../../src/engine/connect.ts";
import { removeContainer, startContainer } from "../../src/engine/containers.ts";
import { execute } from "../../src/engine/exec.ts";
import { label, labelsOf } from "../../src/engine/labels.ts";
import { namesOf } from "../../src/instance/names.ts";
import { faults } from "../faults/all.ts";
import { answerInstead } from "../support/answer-instead.ts";
import { dies } from "../support/death.ts";
import { asRoot } from "../support/engine.ts";
import { Scene } from "../support/scene.ts";
import { tags } from "../support/miniature.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.set("e2e-killed");
});
afterAll(async () => await scene?.site.remove());

// One of `npm run test:faults`, which has every step, and what else dies than the updater. Others are in supervised.test.ts
// and rehearse.test.ts.
test(
  "a swap killed right after its switch is finished: nothing fails, no write is lost",
  { tags: "long" },
  async () => {
    const fault = faults.find(({ name }) => name === "swap, killed at step-finished:commit");
    expect(await fault?.run(scene)).toEqual([]);
  },
);

test("a swap that was killed is explained, and any command that does something ends it first", async () => {
  await scene.reach(tags.first);
  const before = await scene.picture();
  let explained = "";
  let looked: unknown;
  const problems = await scene.problemsUnderLoad(async () => {
    expect(await dies(scene.site, { at: "step-started:migrate" }, "swap", tags.additive)).toBe(
      true,
    );
    explained = (await scene.site.run("status")).stdout;
    looked = (await scene.history()).at(-1);
    await scene.site.does("prune");
  });

  expect(explained).toMatch(/users wait/i);
  // Who only looks ends nothing.
  expect(looked).not.toMatchObject({ operation: "swap", to: tags.additive });
  expect(explained).toMatch(/swap 0\.8\.1.*“Migrate”.*updater recover/);
  expect(problems).toEqual([]);
  expect(await scene.picture()).toEqual(before);
  expect((await scene.history()).at(-1)).toMatchObject({
    operation: "swap",
    outcome: "restored",
    error: "killed",
  });
});

test(
  "a version that fails since its switch keeps nothing from being ended: probation finds it, and goes back",
  { tags: "long" },
  async () => {
    const { site } = scene;
    await scene.reach(tags.first);
    expect(await dies(site, { at: "step-finished:commit" }, "swap", tags.additive)).toBe(true);
    const { serving } = await scene.status();
    const application = namesOf(site.instance).application(serving!);
    await execute(await connectEngine(), application, [
      "sh",
      "-c",
      answerInstead("HTTP/1.0 500 Failing"),
    ]);
    const recovered = await site.operate(["recover"]);

    expect(recovered.steps, recovered.transcript).toContain("probation");
    expect(await scene.servingTag()).toBe(tags.first);
  },
);

test("a lock that an engine keeps although its holder has died is taken over; another's is not", async () => {
  const { site } = scene;
  const { pid } = execa("true");
  const lock = async (life: string) =>
    await startContainer(await connectEngine(), {
      name: namesOf(site.instance).control,
      image: baseImage,
      entrypoint: ["sleep", "infinity"],
      labels: { ...labelsOf(site.instance, "control"), [label.life]: life },
    });
  const namespace = await readlink("/proc/self/ns/pid");
  await lock(`process ${namespace} ${pid} 1`);
  await site.does("prune", "--foreground");
  await lock(`container ${"0".repeat(64)} 2026-11-30T00:00:00Z`);
  await site.does("prune");
  const [, began] = /\) (?:\S+ ){19}(\d+)/.exec(await readFile("/proc/self/stat", "utf8")) ?? [];
  const alive = await lock(`process ${namespace} ${process.pid} ${began}`);
  const refused = await site.run("prune");
  await removeContainer(await connectEngine(), alive);

  expect(refused.exitCode).toBe(1);
  expect(refused.all).toMatch(/has been running/);
});

test.each([
  ["that is no JSON", "{"],
  ["of another instance", JSON.stringify({ version: 1, instance: "another" })],
  ["with what no updater writes", JSON.stringify({ version: 1, surprise: true })],
])("a journal %s is reported and left alone", async (_, content) => {
  const { site } = scene;
  // As root of the machine could: no container of the site may write there.
  const damage = async (command: string) =>
    await asRoot(site.instance, `biomaid-${site.instance}-control`, command);
  await damage(`printf '%s' '${content}' > journal.json`);
  for (const command of ["status", "recover", "prune"]) {
    const { exitCode, all } = await site.run(command);
    expect(all).toMatch(/journal.*cannot be trusted[^]*Next: .*journal\.json/);
    expect(exitCode).toBe(4);
  }
  await damage("cat journal.json && rm journal.json");
  expect(await scene.servingTag()).toBe(tags.first);
});
