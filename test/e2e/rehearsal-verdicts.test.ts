import { afterAll, beforeAll, expect, test } from "vitest";
import { hazardFaults } from "../faults/hazards.ts";
import { pages, tags } from "../support/miniature.ts";
import { reportOf } from "../support/rehearsal.ts";
import { Scene } from "../support/scene.ts";
import { errorOf, expectExit } from "./expectations.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.set("e2e-verdicts", "additive");
});
afterAll(async () => await scene?.site.remove());

test("a rehearsal tells what a swap does to schema, data, pages and the way back", async () => {
  const report = reportOf(await scene.site.operate(["rehearse", tags.destructive]));

  expect(report.verdict).toBe("remarks");
  expect(report.migrations).toHaveLength(1);
  expect(report.migrations[0]).toMatchObject({ name: "dem.0003_devise", failure: null });
  expect(report.schema).toContainEqual(
    expect.objectContaining({ kind: "column-dropped", table: "dem_demande", column: "remarque" }),
  );
  expect(report.schema).toContainEqual(
    expect.objectContaining({ kind: "type-changed", column: "urgent", from: "boolean" }),
  );
  const demandes = report.tables.find(({ table }) => table === "dem_demande");
  expect(demandes).toMatchObject({ before: demandes?.migrated, removed: 0, droppedBy: null });
  expect(report.rollback.find(({ table }) => table === "dem_demande")).toMatchObject({
    class: "lossy",
  });
  expect(report.rollback.find(({ table }) => table === "common_role")).toMatchObject({
    class: "lossless",
  });
  const signedIn = report.pages.filter((page) => page.signedIn);
  expect(signedIn.map(({ page }) => page)).toEqual(pages.signedIn);
  for (const { before, after } of report.pages) {
    expect(before).toMatchObject({ status: 200 });
    expect(after?.size).toBeGreaterThan(100);
  }
  const parts = report.hold?.parts.map(({ step }) => step);
  expect(parts).toEqual(expect.arrayContaining(["promote", "migrate", "boot", "probe"]));
  expect(report.comparison.notes.map(({ version }) => version)).toEqual(["0.9", "0.8.2"]);
});

// One of ten in `npm run test:faults`.
test("a migration that loses rows is named, the verdict is not ready, and nothing is left", async () => {
  const fault = hazardFaults.find(({ name }) => name === "rehearse, a migration that loses rows");
  expect(await fault?.run(scene)).toEqual([]);
});

test(
  "a swap refuses what a rehearsal found not ready, until each reason is overridden by name",
  { tags: "long" },
  async () => {
    const { site } = scene;
    expectExit(await site.operate(["rehearse", tags.changesValues]), 1);
    const before = await scene.picture();

    const refused = await site.operate(["swap", tags.changesValues]);
    const misspelt = await site.operate(["swap", tags.changesValues, "--override", "values"]);
    const other = await site.operate(["swap", tags.changesValues, "--override", "rows-lost"]);

    expectExit(refused, 1);
    expect(errorOf(refused)).toMatchObject({
      code: "rehearsalNotReady",
      next: expect.stringContaining("--override values-changed") as string,
    });
    expectExit(misspelt, 2);
    expect(errorOf(misspelt).next).toContain("values-changed");
    expectExit(other, 1);
    expect(await scene.picture()).toEqual(before);
  },
);

test(
  "what was rehearsed and never built can be planned, and is refused as not ready",
  { tags: "long" },
  async () => {
    const { site } = scene;
    const rehearsed = await site.run("rehearse", tags.notBuilding);
    const plan = await site.operate(["plan", tags.notBuilding]);
    const swap = await site.operate(["swap", tags.notBuilding]);

    expect([rehearsed.exitCode, rehearsed.all]).toEqual([
      1,
      expect.not.stringContaining("Invalid"),
    ]);
    expectExit(plan, 0);
    expectExit(swap, 1);
    expect(errorOf(swap).code).toBe("rehearsalNotReady");
  },
);

test(
  "a hold that was overridden runs behind a maintenance page that says when it will end",
  { tags: "long" },
  async () => {
    const { site } = scene;
    expectExit(await site.operate(["rehearse", tags.longLock]), 0);
    await site.configure({ hold: `max = "2s"\ndrain = "1s"` });
    const refused = await site.operate(["swap", tags.longLock]);
    expectExit(refused, 1);
    expect(errorOf(refused).next).toContain("--override hold-too-long");
    expectExit(await site.operate(["rehearse", tags.longLock]), 1);
    expectExit(await site.operate(["swap", tags.longLock]), 1);
    let waiting: Promise<Response> | undefined;

    const swap = await site.operate(
      ["swap", tags.longLock, "--override", "hold-too-long"],
      ({ type, step }) => {
        if (type === "step-started" && step === "fence")
          waiting = fetch(site.origin + pages.sign, { headers: aBrowser });
      },
    );
    await site.configure({});

    expectExit(swap, 0);
    const answer = await waiting;
    expect(answer?.status).toBe(503);
    expect(await answer?.text()).toMatch(/back in a minute|longer than planned/);
    expectExit(await site.operate(["rollback", "--accept-data-loss"]), 0);
  },
);

const aBrowser = { "User-Agent": "test", Accept: "text/html", "Accept-Language": "en" };
