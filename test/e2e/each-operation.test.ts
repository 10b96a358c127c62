import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { WayBack } from "../../src/operations/way-back.ts";
import type { LossSummary } from "../../src/steps/return-writes.ts";
import type { RehearsalReport } from "../../src/report/model.ts";
import { tags } from "../support/miniature.ts";
import { changeRows, readRows, writeMedia } from "../support/traces.ts";
import { reportOf } from "./rehearsal.ts";
import { errorOf, expectExit, type Scene, setScene, statusOf } from "./scene.ts";

/** A kind of change a migration can make, and a write of the new version that shows what becomes of it. */
interface Case {
  readonly operation: string;
  /** After the migration, without the application's name. */
  readonly table: string;
  /** Before it, where that is another; null where there was none. */
  readonly own?: string | null;
  readonly write: string;
  readonly class: "lossless" | "lossy";
  /** What the old version has of the row written, by its own names. */
  readonly kept: Readonly<Record<string, unknown>> | null;
}

const name = (table: string, write = "(nom) VALUES ('n')") =>
  `INSERT INTO essais_${table} ${write}`;

// One story: each test starts with what the one before it left.
const cases: readonly Case[] = [
  {
    operation: "AddField, null",
    table: "champvide",
    write: name("champvide", "(nom, note) VALUES ('n', 'une note')"),
    class: "lossy",
    kept: { nom: "n" },
  },
  {
    operation: "AddField, default",
    table: "champrempli",
    write: name("champrempli", "(nom, note) VALUES ('n', 'autre')"),
    class: "lossy",
    kept: { nom: "n" },
  },
  {
    operation: "RemoveField, null",
    table: "champvideretire",
    write: name("champvideretire"),
    class: "lossless",
    kept: { nom: "n" },
  },
  {
    operation: "RemoveField, required",
    table: "champrequisretire",
    write: name("champrequisretire"),
    class: "lossy",
    kept: null,
  },
  {
    operation: "RemoveField, required, with an expression of the site",
    table: "champrequisexprime",
    write: name("champrequisexprime"),
    class: "lossless",
    kept: { nom: "n", note: "note de n" },
  },
  {
    operation: "RenameField",
    table: "champrenomme",
    write: name("champrenomme", "(titre) VALUES ('n')"),
    class: "lossless",
    kept: { nom: "n" },
  },
  {
    operation: "AlterField, longer",
    table: "texteallonge",
    write: name("texteallonge", "(nom) VALUES ('beaucoup plus long')"),
    class: "lossy",
    kept: null,
  },
  {
    operation: "AlterField, shorter",
    table: "texteraccourci",
    write: name("texteraccourci"),
    class: "lossless",
    kept: { nom: "n" },
  },
  {
    operation: "AlterField, number to text",
    table: "nombreentexte",
    write: name("nombreentexte"),
    class: "lossy",
    kept: null,
  },
  {
    operation: "AlterField, text to number",
    table: "texteennombre",
    write: name("texteennombre", "(nom) VALUES (-2147483648)"),
    class: "lossless",
    kept: { nom: "-2147483648" },
  },
  {
    operation: "AlterField, no longer unique",
    table: "uniquelevee",
    write: name("uniquelevee", "(nom) VALUES ('avant')"),
    class: "lossy",
    kept: null,
  },
  {
    operation: "AlterField, unique",
    table: "uniqueajoutee",
    write: name("uniqueajoutee"),
    class: "lossless",
    kept: { nom: "n" },
  },
  {
    operation: "RemoveConstraint",
    table: "reglelevee",
    write: name("reglelevee", "(nom) VALUES (-1)"),
    class: "lossy",
    kept: null,
  },
  {
    operation: "AddConstraint",
    table: "regleajoutee",
    write: name("regleajoutee", "(nom) VALUES (1)"),
    class: "lossless",
    kept: { nom: 1 },
  },
  {
    operation: "AlterField, may be empty",
    table: "nulpermis",
    write: name("nulpermis", "(nom) VALUES (NULL)"),
    class: "lossy",
    kept: null,
  },
  {
    operation: "AlterField, may not be empty",
    table: "nulinterdit",
    write: name("nulinterdit"),
    class: "lossless",
    kept: { nom: "n" },
  },
  {
    operation: "AddField, many-to-many: the table between",
    table: "liaisonajoutee_demandes",
    own: null,
    write: `INSERT INTO essais_liaisonajoutee_demandes (liaisonajoutee_id, demande_id)
      SELECT 1, min(id) FROM dem_demande`,
    class: "lossy",
    kept: null,
  },
  {
    operation: "AddField, many-to-many",
    table: "liaisonajoutee",
    write: name("liaisonajoutee"),
    class: "lossless",
    kept: { nom: "n" },
  },
  {
    operation: "RemoveField, many-to-many",
    table: "liaisonretiree",
    write: name("liaisonretiree"),
    class: "lossless",
    kept: { nom: "n" },
  },
  {
    operation: "RunPython that changes rows",
    table: "donneeschangees",
    write: "UPDATE essais_donneeschangees SET nom = nom || ' encore'",
    class: "lossy",
    kept: { nom: "changé encore" },
  },
  {
    operation: "AddIndex",
    table: "indexee",
    write: name("indexee"),
    class: "lossless",
    kept: { nom: "n" },
  },
  {
    operation: "AlterModelTable",
    table: "sous_un_autre_nom",
    own: "tablerenommee",
    write: name("sous_un_autre_nom"),
    class: "lossless",
    kept: { nom: "n" },
  },
  {
    operation: "RenameModel",
    table: "nouveaumodele",
    own: "ancienmodele",
    write: name("nouveaumodele"),
    class: "lossless",
    kept: { nom: "n" },
  },
  {
    operation: "CreateModel",
    table: "modelecree",
    own: null,
    write: name("modelecree"),
    class: "lossy",
    kept: null,
  },
];

/** Each has one row before the swap. */
const before: Readonly<Record<string, string>> = {
  champrequisretire: "(nom, note) VALUES ('avant', 'x')",
  champrequisexprime: "(nom, note) VALUES ('avant', 'x')",
  nombreentexte: "(nom) VALUES (1)",
  texteennombre: "(nom) VALUES ('1')",
  reglelevee: "(nom) VALUES (1)",
  regleajoutee: "(nom) VALUES (1)",
};

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
beforeAll(async () => {
  scene = await setScene("e2e-operations", tags.beforeOperations);
  const tables = [...cases.map(({ table, own }) => own ?? table), "modelesupprime"];
  const there = tables.filter(
    (table) => !["liaisonajoutee_demandes", "modelecree"].includes(table),
  );
  await changeRows(
    scene.site.instance,
    1,
    there.map((table) => name(table, before[table] ?? "(nom) VALUES ('avant')")),
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
      name("piece", `(fichier) VALUES ('pieces/${file}')`),
    ),
  );
  expectExit(await scene.site.operate(swap), 0);
  await changeRows(
    scene.site.instance,
    2,
    cases.map(({ write }) => write),
  );
});
afterAll(async () => await scene?.site.remove());

test.for(cases.map((one) => [one.operation, one] as const))(
  "the class of a table is foretold: %s",
  async ([, { table, class: predicted }]) => {
    const { wayBack } = (await statusOf(scene)) as unknown as { wayBack: WayBack };
    const found = wayBack.notLossless.find((one) => one.table === `essais_${table}`);
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
  const { wayBack } = (await statusOf(scene)) as unknown as { wayBack: WayBack };
  expect(wayBack.following?.state).toBe("working");
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

test("once agreed to, a rollback leaves out just that, and writes it down", async () => {
  const folder = join(scene.site.folder, "agreed");
  const rollback = await scene.site.operate(["rollback", "--accept-data-loss", "--export", folder]);

  expectExit(rollback, 0);
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
  expect(await mediaOf(scene, ["pieces/plan.txt", "pieces/photo.img"])).toEqual(["plan", "raw"]);
});

test("nobody is shown what is kept of the media", async () => {
  const { status } = await fetch(`${scene.site.origin}/media/.updater/g2/pieces/photo.img`);
  expect(status).toBe(403);
});

test("the rows left out come back after the next swap, from the file", async () => {
  expectExit(await scene.site.operate(swap), 0);
  const sql = await readFile(join(scene.site.folder, "agreed", "lost-rows.sql"), "utf8");
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

async function mediaOf({ site }: Scene, files: readonly string[]): Promise<string[]> {
  return await Promise.all(
    files.map(async (file) => await (await fetch(`${site.origin}/media/${file}`)).text()),
  );
}

async function exportTo(folder: string): Promise<string> {
  const path = join(scene.site.folder, folder);
  const { exitCode, all } = await scene.site.updater("rollback", "--export", path);
  expect(exitCode, all).toBe(0);
  return path;
}

async function lostAccordingTo(folder: string): Promise<string[]> {
  const files = await readdir(folder);
  return files.flatMap((file) => (file.endsWith(".csv") ? [file.slice(0, -4)] : [])).sort();
}
