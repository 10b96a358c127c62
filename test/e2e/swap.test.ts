import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { once } from "../support/once.ts";
import { Scene } from "../support/scene.ts";
import { traces, tracesOf } from "../support/traces.ts";
import type { Operation } from "../support/updater.ts";
import { errorOf, expectEditions, expectExact, expectExit } from "./expectations.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.set("e2e-swap");
});
afterAll(async () => await scene?.site.remove());

/** What is to be seen of the site after an operation under load. */
async function seenAfter(argv: readonly string[], edition: string) {
  const { work, result: operation } = await scene.underLoad(async (work) => {
    const operation = await scene.site.operate(argv);
    expectExit(operation, 0);
    await work.everybodySees(edition);
    return operation;
  });
  return {
    work,
    operation,
    status: await scene.status(),
    last: (await scene.history()).at(-1),
    traces: await traces(scene.site.instance),
    static: await scene.staticEdition(),
  };
}

const swapped = once(async () => {
  const seen = await seenAfter(["swap", "0.8.1"], "0.8.1");
  await expectExact(scene, seen.work, 2);
  return seen;
});
const wentBack = once(async () => {
  const { work: before } = await swapped();
  return { before, ...(await seenAfter(["rollback"], "0.8.0")) };
});
const swappedAgain = once(async () => {
  await wentBack();
  const { site } = scene;
  const open = await hookThatWaits();
  const { work, result } = await scene.underLoad(async (work) => {
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
    await work.everybodySees("0.8.1");
    return { swap, refused: await second };
  });
  await site.configure({});
  return { work, ...result };
});

test("a swap shows everybody the new edition, fails no request and loses no write", async () => {
  const { work, operation, static: edition } = await swapped();

  expect(operation.result).toMatchObject({ outcome: "done", from: "0.8.0", to: "0.8.1" });
  expectEditions(work, ["0.8.0", "0.8.1"]);
  expect(edition).toBe("0.8.1");
});

test("after a swap the generation left is kept with its containers and volumes", async () => {
  const { status, last, traces: found } = await swapped();

  expect(status).toMatchObject({
    serving: 2,
    gateClosed: false,
    operation: null,
    generations: [
      { number: 1, tag: "0.8.0", role: "previous", running: false },
      { number: 2, tag: "0.8.1", role: "serving", running: true },
    ],
  });
  expect(last).toMatchObject({ operation: "swap", from: "0.8.0", to: "0.8.1", outcome: "done" });
  expect(found).toEqual(
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
  const { before, work, operation, static: edition } = await wentBack();

  expect(operation.result).toMatchObject({ outcome: "done", lost: [] });
  expectEditions(work, ["0.8.1", "0.8.0"]);
  expect(edition).toBe("0.8.0");
  for (const each of [before, work]) await expectExact(scene, each, 1);
});

test("after a rollback the generation users left is there to be looked at, and nothing leads back to it", async () => {
  const { status, last, traces: found } = await wentBack();

  expect(status).toMatchObject({
    serving: 1,
    generations: [
      { number: 1, tag: "0.8.0", role: "serving", running: true },
      { number: 2, tag: "0.8.1", role: "abandoned", running: false },
    ],
  });
  expect(last).toMatchObject({
    operation: "rollback",
    from: "0.8.1",
    to: "0.8.0",
    outcome: "done",
  });
  const again = await scene.site.operate(["rollback"]);
  expectExit(again, 1);
  expect(errorOf(again).code).toBe("nothingToRollBackTo");
  expect(found).toEqual(
    tracesOf({ serving: 1, others: [2], slots: { 1: 1, 2: 2 }, images: ["0.8.0", "0.8.1"] }),
  );
});

test("a second updater is refused at once and told who is doing what, and the first one goes on", async () => {
  const { work, swap, refused = [] } = await swappedAgain();

  expect(refused).toHaveLength(3);
  for (const one of refused) {
    expectExit(one, 1);
    expect(errorOf(one).code).toBe("locked");
    expect(errorOf(one).what).toMatch(/^\S+@\S+ \(\d+\) .*“swap 0\.8\.1”/);
  }
  expect(swap.result).toMatchObject({ outcome: "done" });
  await expectExact(scene, work, 3);
  expectEditions(work, ["0.8.0", "0.8.1"]);
  expect(await traces(scene.site.instance)).toEqual(
    tracesOf({
      serving: 3,
      others: [1],
      slots: { 1: 1, 3: 2 },
      images: ["0.8.0", "0.8.1"],
      following: 1,
    }),
  );
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
