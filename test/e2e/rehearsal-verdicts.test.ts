import { afterAll, beforeAll, expect, test } from "vitest";
import { localBranches, pages, tags } from "../support/miniature.ts";
import { blocking, reportOf } from "./rehearsal.ts";
import { Scene } from "../support/scene.ts";
import { errorOf, expectExit } from "./expectations.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.set("e2e-verdicts", "additive");
  await manage("extable_update");
});
afterAll(async () => await scene?.site.remove());

/** Runs a command of the serving release. */
async function manage(...command: readonly string[]): Promise<void> {
  const argv = ["exec", "--", "python", "manage.py", ...command];
  const { exitCode, all } = await scene.site.run(...argv);
  if (exitCode !== 0) throw new Error(`manage.py ${command[0]}: ${all}`);
}

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

interface Hazard {
  readonly title: string;
  readonly tag: string;
  readonly codes: readonly string[];
  /** What the report names. */
  readonly names: RegExp;
  readonly configuration?: Readonly<Record<string, string>>;
  /** A command of the serving release that comes first. */
  readonly before?: readonly string[];
}

const hazards: readonly Hazard[] = [
  {
    title: "a migration that loses rows",
    tag: tags.losesRows,
    codes: ["rows-lost"],
    names: /"code":"rows-lost","table":"dem_demande","rows":10,/,
  },
  {
    title: "a migration that changes values",
    tag: tags.changesValues,
    codes: ["values-changed"],
    names: /"code":"values-changed","table":"dem_demande","column":"montant","rows":5\b/,
  },
  {
    title: "a migration that locks a table for long",
    tag: tags.longLock,
    codes: ["long-lock"],
    names: /"migration":"dem.0003_verrou","table":"dem_demande"/,
    configuration: { rehearse: `longest_lock = "1s"` },
  },
  {
    title: "a migration that takes longer than users may wait",
    tag: tags.longLock,
    codes: ["hold-too-long"],
    names: /"code":"hold-too-long"/,
    configuration: { hold: `max = "2s"\ndrain = "1s"` },
  },
  {
    title: "a migration that fails half-way",
    tag: tags.failingMigration,
    codes: ["release-fails"],
    names: /dem.0004_priorite_obligatoire/,
  },
  {
    title: "a page that breaks only when signed in",
    tag: tags.unhealthy,
    codes: ["page-fails"],
    names: /"code":"page-fails","page":"\/geqip-chuap\/dem\/","status":500,"signedIn":true/,
  },
  {
    title: "a release that does not boot",
    tag: tags.notBooting,
    codes: ["release-fails"],
    names: /"step":"boot"/,
  },
  {
    title: "a release that does not build",
    tag: tags.notBuilding,
    codes: ["release-fails"],
    names: /sqlparse/,
  },
  {
    title: "local settings that would drop a table",
    tag: tags.codeOnly,
    codes: ["table-dropped", "rows-lost"],
    names: /"code":"table-dropped","table":"extable_inventaire".*"by":"boot"/,
    configuration: { "local.refs": `"${tags.codeOnly}" = "${localBranches.missingTable}"` },
  },
  {
    title: "a migration that only data like production's make fail",
    tag: tags.failsOnData,
    codes: ["release-fails"],
    names: /libelle_unique/,
    before: [
      "shell",
      "-c",
      "from dem.models import Demande; d = Demande.objects.first(); d.pk = None; d.save()",
    ],
  },
];

test.each(hazards)(
  "$title is named, the verdict is not ready, and nothing is left",
  async (hazard) => {
    const { site } = scene;
    if (hazard.before) await manage(...hazard.before);
    await site.configure(hazard.configuration ?? {});
    const before = await scene.picture();

    const rehearsal = await site.operate(["rehearse", hazard.tag]);
    await site.configure({});

    expectExit(rehearsal, 1);
    const report = reportOf(rehearsal);
    expect(report.verdict).toBe("not-ready");
    expect(blocking(report)).toEqual(hazard.codes);
    expect(JSON.stringify({ findings: report.findings, migrations: report.migrations })).toMatch(
      hazard.names,
    );
    expect(await scene.picture()).toEqual(before);
  },
);

test("a swap refuses what a rehearsal found not ready, until each reason is overridden by name", async () => {
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
});

test("a hold that was overridden runs behind a maintenance page that says when it will end", async () => {
  const { site } = scene;
  await site.configure({ hold: `max = "2s"\ndrain = "1s"` });
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
});

const aBrowser = { "User-Agent": "test", Accept: "text/html", "Accept-Language": "en" };
