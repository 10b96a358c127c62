import { afterAll, beforeAll, expect, test } from "vitest";
import { interruptedAt } from "../faults/interruptions.ts";
import { tags } from "../support/miniature.ts";
import { traces, tracesOf } from "../support/traces.ts";
import { Scene } from "../support/scene.ts";
import { errorOf, expectEditions, expectExact, expectExit } from "./expectations.ts";

const swap = ["swap", tags.additive, "--foreground"];

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.set("e2e-interrupted");
});
afterAll(async () => await scene?.site.remove());

// Every other step is interrupted in `npm run test:faults`.
test("Ctrl-C while users wait undoes the swap and nobody notices", async () => {
  await scene.reach(tags.first);
  const before = await scene.picture();
  const { work, result: interrupted } = await scene.underLoad(
    async () => await interruptedAt(scene, "promote", swap),
  );

  expectExit(interrupted, 3);
  expect(errorOf(interrupted).code).toBe("interrupted");
  await expectExact(scene, work, 1);
  expectEditions(work, [tags.first]);
  expect(await scene.picture()).toEqual(before);
  expect((await scene.history()).at(-1)).toMatchObject({ outcome: "restored" });
});

test("Ctrl-C while users wait undoes a rollback and nobody notices", { tags: "long" }, async () => {
  await scene.reach(tags.additive);
  const before = await scene.picture();
  const { work, result: rollback } = await scene.underLoad(
    async () => await interruptedAt(scene, "return-writes", ["rollback", "--foreground"]),
  );

  expectExit(rollback, 3);
  expect(errorOf(rollback).code).toBe("interrupted");
  await expectExact(scene, work, before.status.serving ?? 0);
  expectEditions(work, [tags.additive]);
  expect(await scene.picture()).toEqual(before);
});

test(
  "an operation goes on when nobody reads what it prints any more",
  { tags: "long" },
  async () => {
    await scene.reach(tags.additive);
    const rollback = scene.site.run("rollback");
    rollback.stderr.once("data", () => rollback.stderr.destroy());
    rollback.stdout.destroy();

    expect((await rollback).exitCode).toBe(0);
    expect((await scene.status()).generations).toMatchObject([
      { tag: tags.first, role: "serving" },
      { tag: tags.additive, role: "abandoned" },
    ]);
  },
);

test(
  "a jump over releases that rewrite, drop and move is a swap like any other",
  { tags: "long" },
  async () => {
    await scene.reach(tags.additive);
    const previous = (await scene.status()).serving ?? 0;
    const { work } = await scene.underLoad(async (work) => {
      expectExit(await scene.site.operate(["swap", tags.localMoved]), 0);
      await work.everybodySees(tags.localMoved);
    });
    const { serving: now, generations } = await scene.status();
    const serving = now ?? 0;
    const slotOf = (wanted: number) =>
      generations.find(({ number }) => number === wanted)?.slot ?? 0;

    await expectExact(scene, work, serving);
    expectEditions(work, [tags.additive, tags.localMoved]);
    expect(await scene.staticEdition()).toBe(tags.localMoved);
    expect(await traces(scene.site.instance)).toEqual(
      tracesOf({
        serving,
        others: [previous],
        slots: { [previous]: slotOf(previous), [serving]: slotOf(serving) },
        images: [tags.additive, tags.localMoved],
        following: previous,
      }),
    );
  },
);
