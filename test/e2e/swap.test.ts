import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Operation } from "../support/site.ts";
import type { Work } from "../support/miniature-load.ts";
import { traces, tracesOf } from "../support/traces.ts";
import {
  errorOf,
  expectEditions,
  expectExact,
  expectExit,
  historyOf,
  type Scene,
  setScene,
  staticEdition,
  statusOf,
  underLoad,
} from "./scene.ts";

// One story: each test starts with what the one before it left.
let scene: Scene;
beforeAll(async () => {
  scene = await setScene("e2e-swap", "0.8.0");
});
afterAll(async () => await scene?.site.remove());

/** What users did up to the first rollback. */
const works: Work[] = [];

test("a swap shows everybody the new edition, fails no request and loses no write", async () => {
  const { work, result: swap } = await underLoad(scene, async (work) => {
    const swap = await scene.site.operate(["swap", "0.8.1"]);
    expectExit(swap, 0);
    await work.everybodySees("0.8.1");
    return swap;
  });
  works.push(work);

  expect(swap.result).toMatchObject({ outcome: "done", from: "0.8.0", to: "0.8.1" });
  await expectExact(scene, work, 2);
  expectEditions(work, ["0.8.0", "0.8.1"]);
  expect(await staticEdition(scene)).toBe("0.8.1");
});

test("after a swap the generation left is kept with its containers and volumes", async () => {
  expect(await statusOf(scene)).toMatchObject({
    serving: 2,
    gateClosed: false,
    operation: null,
    generations: [
      { number: 1, tag: "0.8.0", role: "previous", running: false },
      { number: 2, tag: "0.8.1", role: "serving", running: true },
    ],
  });
  expect((await historyOf(scene)).at(-1)).toMatchObject({
    operation: "swap",
    from: "0.8.0",
    to: "0.8.1",
    outcome: "done",
  });
  expect(await traces(scene.site.instance)).toEqual(
    tracesOf({
      serving: 2,
      others: [1],
      slots: { 1: 1, 2: 2 },
      images: ["0.8.0", "0.8.1"],
      following: 1,
    }),
  );
});

test("a rollback keeps every write, before the swap and since, and asks nothing", async () => {
  const { work, result: rollback } = await underLoad(scene, async (work) => {
    const rollback = await scene.site.operate(["rollback"]);
    expectExit(rollback, 0);
    await work.everybodySees("0.8.0");
    return rollback;
  });
  works.push(work);

  expect(rollback.result).toMatchObject({ outcome: "done", lost: [] });
  expectEditions(work, ["0.8.1", "0.8.0"]);
  expect(await staticEdition(scene)).toBe("0.8.0");
  for (const each of works) await expectExact(scene, each, 1);
});

test("after a rollback the generation users left is there to be looked at, and nothing leads back to it", async () => {
  expect(await statusOf(scene)).toMatchObject({
    serving: 1,
    generations: [
      { number: 1, tag: "0.8.0", role: "serving", running: true },
      { number: 2, tag: "0.8.1", role: "abandoned", running: false },
    ],
  });
  expect((await historyOf(scene)).at(-1)).toMatchObject({
    operation: "rollback",
    from: "0.8.1",
    to: "0.8.0",
    outcome: "done",
  });
  const again = await scene.site.operate(["rollback"]);
  expectExit(again, 1);
  expect(errorOf(again).code).toBe("nothingToRollBackTo");
  expect(await traces(scene.site.instance)).toEqual(
    tracesOf({
      serving: 1,
      others: [2],
      slots: { 1: 1, 2: 2 },
      images: ["0.8.0", "0.8.1"],
    }),
  );
});

test("a second updater is refused at once and told who is doing what, and the first one goes on", async () => {
  const { site } = scene;
  const open = await hookThatWaits();
  const { work, result: swap } = await underLoad(scene, async (work) => {
    let second: Promise<Operation[]> | undefined;
    const swap = await site.operate(["swap", "0.8.1"], ({ type, step }) => {
      if (type !== "step-started" || step !== "hook:users_inform_before") return;
      second = Promise.all([
        site.operate(["swap", "0.8.2"]),
        site.operate(["rollback"]),
        site.operate(["prune"]),
      ]).finally(open);
    });
    expectExit(swap, 0);
    for (const refused of (await second) ?? []) {
      expectExit(refused, 1);
      expect(errorOf(refused).code).toBe("locked");
      expect(errorOf(refused).what).toMatch(/^\S+@\S+ \(\d+\) .*“swap 0\.8\.1”/);
    }
    expect(await second).toHaveLength(3);
    await work.everybodySees("0.8.1");
    return swap;
  });
  await site.configure({});

  expect(swap.result).toMatchObject({ outcome: "done" });
  await expectExact(scene, work, 3);
  expectEditions(work, ["0.8.0", "0.8.1"]);
  expect(await traces(site.instance)).toEqual(
    tracesOf({
      serving: 3,
      others: [1],
      slots: { 1: 1, 3: 2 },
      images: ["0.8.0", "0.8.1"],
      following: 1,
    }),
  );
});

test("a second rollback fails no request either", async () => {
  const { work } = await underLoad(scene, async (work) => {
    expectExit(await scene.site.operate(["rollback"]), 0);
    await work.everybodySees("0.8.0");
  });

  expectEditions(work, ["0.8.1", "0.8.0"]);
  expect(await staticEdition(scene)).toBe("0.8.0");
  expect(await traces(scene.site.instance)).toEqual(
    tracesOf({
      serving: 1,
      others: [3],
      slots: { 1: 1, 3: 2 },
      images: ["0.8.0", "0.8.1"],
    }),
  );
  expect((await historyOf(scene)).map(({ operation }) => operation)).toEqual([
    "init",
    "swap",
    "rollback",
    "swap",
    "rollback",
  ]);
});

/** Holds the next operation at its first hook until the returned function is called. */
async function hookThatWaits(): Promise<() => void> {
  const { site } = scene;
  const [hook, pipe] = [join(site.folder, "hook"), join(site.folder, "pipe")];
  await execa("mkfifo", [pipe]);
  await writeFile(hook, `#!/bin/sh\nread -r line <${pipe}\n`, { mode: 0o755 });
  await site.configure({ hooks: `users_inform_before = { run = "${hook}" }` });
  return () => void writeFile(pipe, "go on\n");
}

/** Rows added to a table since the swap, which a rollback says it has given up. */
