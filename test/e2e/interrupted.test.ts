import { afterAll, beforeAll, expect, test } from "vitest";
import { tags } from "../support/miniature.ts";
import type { Operation } from "../support/site.ts";
import { openTransaction, traces, tracesOf } from "../support/traces.ts";
import {
  errorOf,
  expectEditions,
  expectExact,
  expectExit,
  historyOf,
  pictureOf,
  type Scene,
  setScene,
  staticEdition,
  statusOf,
  underLoad,
} from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await setScene("e2e-interrupted", tags.first);
});
afterAll(async () => await scene?.site.remove());

test.each(["find-release", "preflight"])(
  "Ctrl-C at the step %s refuses the swap before anything has changed",
  async (step) => {
    const before = [await pictureOf(scene), await historyOf(scene)];
    const { work, result: swap } = await underLoad(
      scene,
      async () => await interruptedAt(step, "swap", tags.additive),
    );

    expectExit(swap, 1);
    expect(errorOf(swap).code).toBe("interrupted");
    await expectExact(scene, work, 1);
    expect([await pictureOf(scene), await historyOf(scene)]).toEqual(before);
  },
);

// The steps between these are interrupted in `npm run test:faults`.
test.each(["build-image", "start-candidate", "close-gate", "promote", "publish-changes"])(
  "Ctrl-C at the step %s undoes the swap and nobody notices",
  async (step) => {
    const before = await pictureOf(scene);
    const { work, result: swap } = await underLoad(
      scene,
      async () => await interruptedAt(step, "swap", tags.additive),
    );

    expectExit(swap, 3);
    expect(errorOf(swap).code).toBe("interrupted");
    await expectExact(scene, work, 1);
    expectEditions(work, [tags.first]);
    expect(await pictureOf(scene)).toEqual(before);
    expect((await historyOf(scene)).at(-1)).toMatchObject({ outcome: "restored" });
  },
);

test("after all those interruptions a swap succeeds", async () => {
  const { work } = await underLoad(scene, async (work) => {
    expectExit(await scene.site.operate(["swap", tags.additive]), 0);
    await work.everybodySees(tags.additive);
  });

  const { serving, generations } = await statusOf(scene);
  await expectExact(scene, work, serving ?? 0);
  expectEditions(work, [tags.first, tags.additive]);
  expect(generations).toMatchObject([{ tag: tags.first }, { tag: tags.additive }]);
  expect(await traces(scene.site.instance)).toEqual(
    tracesOf({
      serving: serving ?? 0,
      others: [1],
      slots: { 1: 1, [serving ?? 0]: 2 },
      images: [tags.first, tags.additive],
      following: 1,
    }),
  );
});

test.each(["resume-previous", "start-gates", "close-gate", "return-writes", "probe"])(
  "Ctrl-C at the step %s undoes a rollback and nobody notices",
  async (step) => {
    const before = await pictureOf(scene);
    const { work, result: rollback } = await underLoad(
      scene,
      async () => await interruptedAt(step, "rollback"),
    );

    expectExit(rollback, 3);
    expect(errorOf(rollback).code).toBe("interrupted");
    await expectExact(scene, work, before.status.serving ?? 0);
    expectEditions(work, [tags.additive]);
    expect(await pictureOf(scene)).toEqual(before);
  },
);

test("a jump over releases that rewrite, drop and move is a swap like any other", async () => {
  const previous = (await statusOf(scene)).serving ?? 0;
  const { work } = await underLoad(scene, async (work) => {
    expectExit(await scene.site.operate(["swap", tags.localMoved]), 0);
    await work.everybodySees(tags.localMoved);
  });

  const serving = (await statusOf(scene)).serving ?? 0;
  await expectExact(scene, work, serving);
  expectEditions(work, [tags.additive, tags.localMoved]);
  expect(await staticEdition(scene)).toBe(tags.localMoved);
  expect(await traces(scene.site.instance)).toEqual(
    tracesOf({
      serving,
      others: [previous],
      slots: { [previous]: 2, [serving]: 3 },
      images: [tags.additive, tags.localMoved],
      following: previous,
    }),
  );
});

test("an operation goes on when nobody reads what it prints any more", async () => {
  const rollback = scene.site.updater("rollback", "--accept-data-loss");
  rollback.stderr.once("data", () => rollback.stderr.destroy());
  rollback.stdout.destroy();

  expect((await rollback).exitCode).toBe(0);
  expect((await statusOf(scene)).generations).toMatchObject([
    { tag: tags.additive, role: "serving" },
    { tag: tags.localMoved, role: "abandoned" },
  ]);
});

async function interruptedAt(step: string, ...argv: readonly string[]): Promise<Operation> {
  const { site } = scene;
  // The last step before the switch is over in no time: something must hold it up until Ctrl-C has arrived.
  let obstacle: Promise<() => Promise<void>> | undefined;
  let interrupted: Promise<void> | undefined;
  // Next to nothing lies between the event and Ctrl-C then.
  const operation = await site.operate([...argv, "--foreground"], (event, ctrlC) => {
    if (event.type !== "step-started") return;
    if (event.step === "migrate" && step === "publish-changes") {
      obstacle = openTransaction(site.instance);
    }
    if (event.step === step) interrupted = interrupt(ctrlC);
  });
  await interrupted;
  return operation;

  async function interrupt(ctrlC: () => void): Promise<void> {
    const remove = await obstacle;
    ctrlC();
    await remove?.();
  }
}
