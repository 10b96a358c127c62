import { afterAll, beforeAll, expect, test } from "vitest";
import { tags } from "../support/miniature.ts";
import { traces, tracesOf } from "../support/traces.ts";
import { Scene } from "../support/scene.ts";
import { errorOf, expectEditions, expectExact, expectExit } from "./expectations.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.shared();
});
afterAll(async () => await scene?.giveBack());

interface Failing {
  readonly title: string;
  readonly tag: string;
  readonly code: string;
  readonly says: RegExp;
  readonly failedAt: string;
  readonly configuration?: Readonly<Record<string, string>>;
}

test.each<Failing>([
  {
    title: "whose migration fails half-way",
    tag: tags.failingMigration,
    code: "releaseFails",
    says: /0\.8\.3/,
    failedAt: "migrate",
  },
  {
    title: "whose migration hangs",
    tag: tags.hangingMigration,
    code: "holdTooLong",
    says: /hold\.max \(6 s\)/,
    failedAt: "migrate",
    configuration: { hold: `max = "6s"\ndrain = "3s"` },
  },
  {
    title: "that answers 500 to whoever is signed in",
    tag: tags.unhealthy,
    code: "pagesFail",
    says: /500 when signed in/,
    failedAt: "probe",
  },
  {
    title: "that does not boot",
    tag: tags.notBooting,
    code: "releaseFails",
    says: /Error/,
    failedAt: "boot",
  },
  {
    title: "that does not build",
    tag: tags.notBuilding,
    code: "releaseDoesNotBuild",
    says: /sqlparse/,
    failedAt: "build-image",
  },
])("a release $title is undone and nobody notices", async (release) => {
  const { site } = scene;
  await site.configure(release.configuration ?? {});
  const before = await scene.picture();
  const { work, result: swap } = await scene.underLoad(
    async () => await site.operate(["swap", release.tag]),
  );
  await site.configure({});

  expectExit(swap, 3);
  expect(errorOf(swap)).toMatchObject({
    code: release.code,
    what: expect.stringMatching(release.says) as string,
  });
  expect(swap.steps.at(-1)).toBe(release.failedAt);
  await expectExact(scene, work, 1);
  expectEditions(work, [tags.first]);
  expect(await scene.picture()).toEqual(before);
  expect((await scene.history()).at(-1)).toMatchObject({
    operation: "swap",
    from: tags.first,
    to: release.tag,
    outcome: "restored",
  });
});

test("a release without its local settings is refused before anything has changed", async () => {
  const before = [await scene.picture(), await traces(scene.site.instance), await scene.history()];
  const { work, result: swap } = await scene.underLoad(
    async () => await scene.site.operate(["swap", tags.localMissing]),
  );

  expectExit(swap, 1);
  expect(errorOf(swap)).toMatchObject({
    code: "localRefMissing",
    what: expect.stringContaining(tags.localMissing) as string,
  });
  await expectExact(scene, work, 1);
  expect([await scene.picture(), await traces(scene.site.instance), await scene.history()]).toEqual(
    before,
  );
});

test("what failed releases left in the cache of images goes with a prune", async () => {
  await scene.site.does("build", tags.notBooting);
  expectExit(await scene.site.operate(["prune"]), 0);
  expect(await traces(scene.site.instance)).toEqual(
    tracesOf({ serving: 1, slots: { 1: 1 }, images: [tags.first] }),
  );
});
