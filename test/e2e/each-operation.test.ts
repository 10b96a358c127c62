import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { WayBack } from "../../src/reverse-replication/way-back.ts";
import type { LossSummary } from "../../src/reverse-replication/return-writes.ts";
import type { RehearsalReport } from "../../src/rehearsal/report/model.ts";
import { tags } from "../support/miniature.ts";
import { once } from "../support/once.ts";
import { changeRows, readRows, writeMedia } from "../support/traces.ts";
import { adding, before, cases } from "./each-operation.cases.ts";
import { reportOf } from "../support/rehearsal.ts";
import { Scene } from "../support/scene.ts";
import { errorOf, expectExit } from "./expectations.ts";

/** What the rehearsal found is what these tests are about. */
const swap = [
  "swap",
  tags.eachOperation,
  "--override",
  "values-changed",
  "--override",
  "table-dropped",
];

const known = cases.filter(({ own }) => own !== null);

let scene: Scene;
let rehearsal: RehearsalReport;
/** What `status` says of the way back, after the swap. */
let foretold: WayBack;
beforeAll(async () => {
  scene = await Scene.set("e2e-operations", "beforeOperations");
  const tables = [...cases.map(({ table, own }) => own ?? table), "modelesupprime"];
  const there = tables.filter(
    (table) => !["liaisonajoutee_demandes", "modelecree"].includes(table),
  );
  await changeRows(
    scene.site.instance,
    1,
    there.map((table) => adding(table, before[table] ?? "(nom) VALUES ('avant')")),
  );
  await scene.site.configure({
    "rollback.map.essais_champrequisexprime": `note = "'note de ' || nom"`,
    "rollback.map.essais_texteallonge": `nom = "nowhere"`,
  });
  rehearsal = reportOf(await scene.site.operate(["rehearse", tags.eachOperation]));
  await scene.site.configure({
    "rollback.map.essais_champrequisexprime": `note = "'note de ' || nom"`,
    rollback: "snapshot_media = true",
  });
  // The rehearsal could write no media, and was not asked to.
  await writeMedia(scene.site.instance, 1, {
    "pieces/plan.txt": "plan",
    "pieces/photo.img": "raw",
  });
  await changeRows(
    scene.site.instance,
    1,
    ["plan.txt", "photo.img", "lost.txt"].map((file) =>
      adding("piece", `(fichier) VALUES ('pieces/${file}')`),
    ),
  );
  expectExit(await scene.site.operate(swap), 0);
  await changeRows(
    scene.site.instance,
    2,
    cases.map(({ write }) => write),
  );
  foretold = await wayBack();
});
afterAll(async () => await scene?.site.remove());

test.for(cases.map((one) => [one.operation, one] as const))(
  "the class of a table is foretold: %s",
  ([, { table, class: predicted }]) => {
    const found = foretold.notLossless.find((one) => one.table === `essais_${table}`);
    expect(found?.class ?? "lossless").toBe(predicted);
  },
);

test("a rehearsal foretells the same, and tries what the site maps", () => {
  const classes = new Map(rehearsal.rollback.map((table) => [table.table, table.class]));
  // Here with an expression that cannot be.
  classes.set("essais_texteallonge", "lossy");
  expect(cases.map(({ table }) => [table, classes.get(`essais_${table}`)])).toEqual(
    cases.map(({ table, class: predicted }) => [table, predicted]),
  );
  expect(rehearsal.findings.filter(({ code }) => code === "mapping-fails")).toEqual([
    {
      severity: "remark",
      code: "mapping-fails",
      table: "essais_texteallonge",
      column: "nom",
      reason: 'column "nowhere" does not exist',
    },
  ]);
});

test("the release has moved and converted media", async () => {
  expect(await mediaOf(scene, ["documents/plan.txt", "pieces/photo.img"])).toEqual([
    "plan",
    "converted",
  ]);
});

test("what a rollback would lose is exactly in the tables foretold, and it refuses to", async () => {
  const refused = await scene.site.operate(["rollback"]);

  expectExit(refused, 1);
  expect(errorOf(refused).code).toBe("rollbackLosesData");
  expect((await wayBack()).following?.state).toBe("working");
  expect(await lostAccordingTo(await exportTo("before"))).toEqual(
    cases.flatMap(({ table, class: kind }) => (kind === "lossy" ? [`essais_${table}`] : [])).sort(),
  );
});

test("a rollback that is interrupted leaves the media as the release made them", async () => {
  const interrupted = await scene.site.operate(
    ["rollback", "--accept-data-loss"],
    ({ type, step }, interrupt) => {
      if (type === "step-started" && step === "boot") interrupt();
    },
  );

  expectExit(interrupted, 3);
  expect(interrupted.steps).toContain("restore-media");
  expect(await mediaOf(scene, ["documents/plan.txt", "pieces/photo.img"])).toEqual([
    "plan",
    "converted",
  ]);
  expect((await fetch(`${scene.site.origin}/media/pieces/plan.txt`)).status).toBe(404);
});

/** A rollback that was agreed to, which has written down what it left out. */
const wentBack = once(async () => {
  const folder = join(scene.site.folder, "agreed");
  const rollback = await scene.site.operate(["rollback", "--accept-data-loss", "--export", folder]);
  expectExit(rollback, 0);
  return { rollback, folder };
});

test("once agreed to, a rollback leaves out just that, and writes it down", async () => {
  const { rollback, folder } = await wentBack();

  const lost = rollback.result["lost"] as LossSummary[];
  expect(lost.map(({ table }) => table).sort()).toEqual(await lostAccordingTo(folder));
  expect(rollback.result["files"]).toEqual({
    named: 3,
    missing: 1,
    examples: [{ table: "essais_piece", key: "3", file: "pieces/lost.txt" }],
  });
  expect(await readFile(join(folder, "essais_texteallonge.csv"), "utf8")).toBe(
    "id,nom\n2,beaucoup plus long\n",
  );
});

test.for(known.map((one) => [one.operation, one] as const))(
  "the version returned to has what was foretold: %s",
  async ([, { table, own, kept }]) => {
    await wentBack();
    const [last] = await readRows<{ id: number; content: object }>(
      scene.site.instance,
      1,
      `SELECT id, to_jsonb(t) - 'id' AS content FROM essais_${own ?? table} t ORDER BY id DESC LIMIT 1`,
    );
    // The row of before the swap is the last one there, or the one written since.
    expect(last).toMatchObject(kept ? { content: kept } : { id: 1 });
  },
);

test("a rollback puts back media that the release moved or converted", async () => {
  await wentBack();
  expect(await mediaOf(scene, ["pieces/plan.txt", "pieces/photo.img"])).toEqual(["plan", "raw"]);
});

test("nobody is shown what is kept of the media", async () => {
  const { status } = await fetch(`${scene.site.origin}/media/.updater/g2/pieces/photo.img`);
  expect(status).toBe(403);
});

test("the rows left out come back after the next swap, from the file", async () => {
  const { folder } = await wentBack();
  expectExit(await scene.site.operate(swap), 0);
  const sql = await readFile(join(folder, "lost-rows.sql"), "utf8");
  await changeRows(scene.site.instance, 3, [sql]);

  const [row] = await readRows<object>(
    scene.site.instance,
    3,
    `SELECT (SELECT note FROM essais_champvide WHERE id = 2) AS note,
            (SELECT nom FROM essais_texteallonge WHERE id = 2) AS long,
            (SELECT nom FROM essais_modelecree WHERE id = 1) AS created`,
  );
  expect(row).toEqual({ note: "une note", long: "beaucoup plus long", created: "n" });
});

async function wayBack(): Promise<WayBack> {
  return ((await scene.status()) as unknown as { wayBack: WayBack }).wayBack;
}

async function mediaOf({ site }: Scene, files: readonly string[]): Promise<string[]> {
  return await Promise.all(
    files.map(async (file) => await (await fetch(`${site.origin}/media/${file}`)).text()),
  );
}

async function exportTo(folder: string): Promise<string> {
  const path = join(scene.site.folder, folder);
  const { exitCode, all } = await scene.site.run("rollback", "--export", path);
  expect(exitCode, all).toBe(0);
  return path;
}

async function lostAccordingTo(folder: string): Promise<string[]> {
  const files = await readdir(folder);
  return files.flatMap((file) => (file.endsWith(".csv") ? [file.slice(0, -4)] : [])).sort();
}
