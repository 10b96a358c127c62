import { afterAll, beforeAll, expect, test } from "vitest";
import { failingReleases } from "../faults/failing-releases.ts";
import { tags } from "../support/miniature.ts";
import { traces, tracesOf } from "../support/traces.ts";
import { Scene } from "../support/scene.ts";
import { expectExit } from "./expectations.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.shared();
});
afterAll(async () => await scene?.giveBack());

// One of five in `npm run test:faults`.
test("a release whose migration fails half-way is undone and nobody notices", async () => {
  const fault = failingReleases.find(({ name }) => name.endsWith("migration fails half-way"));
  expect(await fault?.run(scene)).toEqual([]);
});

test("what failed releases left in the cache of images goes with a prune", async () => {
  await scene.site.does("build", tags.notBooting);
  expectExit(await scene.site.operate(["prune"]), 0);
  expect(await traces(scene.site.instance)).toEqual(
    tracesOf({ serving: 1, slots: { 1: 1 }, images: [tags.first] }),
  );
});
