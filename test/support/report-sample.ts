import type {
  MigrationReport,
  RehearsalReport,
  TableReport,
} from "../../src/rehearsal/report/model.ts";
import type { TableRollback } from "../../src/postgres/rollback-classes.ts";
import { everyFinding, hostile } from "./report-findings-sample.ts";

const edition = (tag: string, digit: string) => ({
  tag,
  commit: digit.repeat(40),
  localCommit: digit === "1" ? "a".repeat(40) : "c".repeat(40),
  image: `biomaid-updater/biomaid:${tag}-${digit.repeat(12)}`,
  imageId: `sha256:${digit.repeat(64)}`,
  imageSize: 612_000_000,
});

const table = (
  name: string,
  rows: number | null,
  other: Partial<TableReport> = {},
): TableReport => ({
  table: name,
  renamedFrom: null,
  before: rows,
  migrated: rows,
  booted: rows,
  createdBy: null,
  droppedBy: null,
  removed: 0,
  added: 0,
  changed: [],
  ...other,
});

const migration = (
  name: string,
  milliseconds: number,
  other: Partial<MigrationReport> = {},
): MigrationReport => ({
  name,
  milliseconds,
  atomic: true,
  reversible: true,
  operations: [{ kind: "AddField", description: "Add field montant to demande", reversible: true }],
  statements: [
    {
      sql: 'ALTER TABLE "dem_demande" ADD COLUMN "montant" numeric(10, 2) DEFAULT %s NOT NULL',
      milliseconds: milliseconds * 0.7,
      rows: null,
    },
    {
      sql: 'ALTER TABLE "dem_demande" ALTER COLUMN "montant" DROP DEFAULT',
      milliseconds: 2,
      rows: null,
    },
  ],
  statementCount: 2,
  locks: [{ table: "dem_demande", mode: "AccessExclusiveLock", milliseconds: milliseconds * 0.8 }],
  rewrites: [],
  touched: [],
  failure: null,
  ...other,
});

const lossless = (name: string): TableRollback => ({ table: name, class: "lossless", reasons: [] });

/** An ordinary update of a small site: it can go ahead, and somebody should read three remarks. */
export const readyWithRemarks: RehearsalReport = {
  version: 1,
  id: "0b7c1e52-6f0e-4b55-9a54-0d2c6f9f31aa",
  instance: "production",
  choice: "0.8.2",
  from: edition("0.8.0", "1"),
  to: { ...edition("0.8.2", "b"), imageSize: 618_000_000 },
  startedAt: "2026-11-22T21:30:00.000Z",
  finishedAt: "2026-11-22T21:31:12.000Z",
  data: { at: "2026-11-22T21:30:07.000Z", position: "0/3A5F2C8", size: 48_300_000 },
  sanitized: true,
  verdict: "remarks",
  findings: [
    { severity: "remark", code: "irreversible", migrations: ["dem.0003_devise"] },
    {
      severity: "remark",
      code: "rollback-loses",
      lossy: ["dem_demande"],
      impossible: ["dem_devise"],
    },
    { severity: "remark", code: "settings-added", names: ["DEM_DEVISE"] },
  ],
  failure: null,
  hold: {
    parts: [
      { step: "close-gate", milliseconds: 40, measured: false },
      { step: "fence", milliseconds: 12, measured: false },
      { step: "catch-up", milliseconds: 35, measured: false },
      { step: "promote", milliseconds: 130, measured: true },
      { step: "migrate", milliseconds: 412, measured: true },
      { step: "boot", milliseconds: 180, measured: true },
      { step: "probe", milliseconds: 260, measured: true },
      { step: "publish-changes", milliseconds: 18, measured: false },
    ],
    total: 1087,
    max: 30_000,
  },
  migrations: [
    migration("dem.0002_echeance", 48),
    migration("dem.0003_devise", 214, {
      reversible: false,
      operations: [
        { kind: "CreateModel", description: "Create model Devise", reversible: true },
        { kind: "AddField", description: "Add field devise to demande", reversible: true },
        { kind: "RunPython", description: "Raw Python operation", reversible: false },
      ],
      touched: [
        { table: "dem_devise", inserted: 3, updated: 0, deleted: 0 },
        { table: "dem_demande", inserted: 0, updated: 1184, deleted: 0 },
      ],
    }),
    migration("common.0007_libelle", 21, { locks: [], touched: [] }),
  ],
  tables: [
    table("common_user", 214),
    table("common_role", 12),
    table("dem_demande", 1184, { changed: [{ column: "devise_id", kind: "filled", rows: 1184 }] }),
    table("dem_devise", null, {
      migrated: 3,
      booted: 3,
      createdBy: "migration",
      added: 3,
      removed: null,
    }),
    table("django_session", 96),
    table("extable_equipement", 48_210),
    table("auth_group", 3),
  ],
  sequences: [
    { sequence: "dem_demande_id_seq", before: 1184, after: 1184, behind: false },
    { sequence: "common_user_id_seq", before: 230, after: 230, behind: false },
  ],
  constraints: [],
  schema: [
    { kind: "table-added", table: "dem_devise", by: "migration" },
    {
      kind: "column-added",
      table: "dem_demande",
      by: "migration",
      column: "devise_id",
      type: "bigint",
      notNull: true,
      hasDefault: false,
    },
    {
      kind: "type-changed",
      table: "common_role",
      by: "migration",
      column: "libelle",
      from: "varchar(80)",
      to: "varchar(160)",
    },
  ],
  rollback: [
    ...["common_user", "common_role", "django_session", "extable_equipement", "auth_group"].map(
      lossless,
    ),
    {
      table: "dem_demande",
      class: "lossy",
      reasons: [{ kind: "column-unknown", column: "devise_id" }],
    },
    { table: "dem_devise", class: "impossible", reasons: [{ kind: "partitioned" }] },
  ],
  pages: [
    ["/portal-config/common/sign/", false, 41, 38, 8200],
    ["/geqip/dem/", true, 182, 195, 48_400],
    ["/geqip/dem/cockpit/", true, 310, 305, 61_200],
  ].map(([page, signedIn, before, after, size]) => ({
    page: page as string,
    signedIn: signedIn as boolean,
    before: { status: 200, milliseconds: before as number, size: size as number },
    after: { status: 200, milliseconds: after as number, size: (size as number) + 412 },
    sqlErrors: [],
  })),
  comparison: {
    tags: [
      { tag: "0.8.1", date: "2022-09-12T10:00:00.000Z" },
      { tag: "0.8.2", date: "2022-06-22T10:00:00.000Z" },
    ],
    notes: [
      {
        version: "0.8.2",
        date: "22 juin 2022",
        sections: [
          {
            title: "Corrections bugs",
            items: [{ text: "Affichage correct des montants", items: [] }],
          },
        ],
      },
      {
        version: "0.8.1",
        date: "12 septembre 2022",
        sections: [
          {
            title: "Nouveautés",
            items: [
              { text: "Les demandes peuvent avoir une échéance", items: [] },
              {
                text: "Les demandes ont une devise :",
                items: [
                  { text: "l’euro pour celles qui existent", items: [] },
                  { text: "au choix pour les nouvelles", items: [] },
                ],
              },
            ],
          },
        ],
      },
    ],
    settings: {
      files: ["instance_settings.example.py"],
      changes: [
        {
          file: "instance_settings.example.py",
          name: "DEM_DEVISE",
          kind: "added",
          before: null,
          after: '"EUR"',
          inSite: false,
        },
      ],
    },
    dependencies: [
      { name: "django", before: "4.2.3", after: "4.2.7" },
      { name: "babel", before: null, after: "2.14.0" },
    ],
    local: {
      from: "1".repeat(40),
      to: "b".repeat(40),
      ref: "0.8.2",
      changedFiles: [
        { file: "config.d/10-équipements.toml", change: "modified" },
        { file: "settings.py", change: "added" },
      ],
    },
  },
  needs: {
    disk: { needed: 160_000_000, free: 75_000_000_000 },
    memory: { needed: 900_000_000, free: 6_200_000_000 },
  },
};

const longSql = `UPDATE "dem_demande" SET "montant" = CASE WHEN "dem_demande"."prix_unitaire_ttc" IS NULL THEN %s ELSE ("dem_demande"."prix_unitaire_ttc" * "dem_demande"."quantité") END, "devise_id" = (SELECT U0."id" FROM "dem_devise" U0 INNER JOIN "common_etablissement" U1 ON (U0."etablissement_id" = U1."id") WHERE U1."code" = %s ORDER BY U0."prioritaire" DESC LIMIT 1) WHERE ("dem_demande"."calendrier_id" IN (SELECT V0."id" FROM "dem_campagne" V0 WHERE V0."cloture" >= %s) AND NOT ("dem_demande"."${"é".repeat(60)}" = %s))`;

const rowsOf = (index: number) => Math.round(3 * 10 ** ((index % 7) * 0.95));
const filler = Array.from({ length: 48 }, (_, index) => `common_table_n_${index + 1}`);

/** Everything that can be wrong at once, with names nobody would choose. */
export const notReady: RehearsalReport = {
  ...readyWithRemarks,
  id: "5d3a9b1c-22c7-4f0a-8c58-90e1f2a45b66",
  instance: "centre-hospitalier-de-saint-étienne-production",
  sanitized: false,
  verdict: "not-ready",
  findings: everyFinding,
  hold: {
    parts: [
      { step: "close-gate", milliseconds: 400, measured: false },
      { step: "fence", milliseconds: 120, measured: false },
      { step: "catch-up", milliseconds: 350, measured: false },
      { step: "promote", milliseconds: 530, measured: true },
      { step: "migrate", milliseconds: 37_600, measured: true },
      { step: "boot", milliseconds: 1180, measured: true },
      { step: "probe", milliseconds: 960, measured: true },
      { step: "publish-changes", milliseconds: 60, measured: false },
    ],
    total: 41_200,
    max: 30_000,
  },
  migrations: [
    ...Array.from({ length: 10 }, (_, index) =>
      migration(`common.00${index + 10}_étape_${index + 1}`, 8 * 2.1 ** index, {
        statements: Array.from({ length: 3 }, () => ({
          sql: longSql,
          milliseconds: 40,
          rows: 3_204_006,
        })),
        statementCount: 40,
        locks: [{ table: hostile, mode: "AccessExclusiveLock", milliseconds: 120 }],
      }),
    ),
    migration(
      "dem.0011_un_nom_de_migration_vraiment_très_long_comme_django_en_invente_quand_personne_ne_choisit",
      18_400,
      {
        atomic: false,
        reversible: false,
        rewrites: ["dem_demande", hostile],
      },
    ),
    migration("dem.0012_contrainte", 120, {
      failure:
        'IntegrityError: insert or update on table "dem_demande" violates foreign key constraint\nDETAIL: Key is not present in table "common_uf".',
    }),
  ],
  tables: [
    table("dem_demande", 3_204_118, {
      migrated: 3_204_006,
      booted: 3_204_006,
      removed: 112,
      changed: [
        { column: "prix_unitaire_ttc", kind: "changed", rows: 40_312 },
        { column: "devise_id", kind: "filled", rows: 3_204_006 },
        { column: "date", kind: "converted", rows: 3_204_006 },
      ],
    }),
    table(hostile, 3, { migrated: 2, booted: 2, removed: 1 }),
    table("extable_équipement", 48_210, { booted: 0, createdBy: "boot", droppedBy: "boot" }),
    table("extable_réforme", 812, { booted: null, droppedBy: "boot" }),
    table("dem_devise", null, {
      migrated: 3,
      booted: 3,
      createdBy: "migration",
      added: 3,
      removed: null,
    }),
    table("common_fournisseur_référencé_par_le_groupement", 1502, {
      renamedFrom: "common_fournisseur",
      removed: null,
      added: null,
      changed: [{ column: "libellé", kind: "changed", rows: null }],
    }),
    ...filler.map((name, index) => table(name, rowsOf(index))),
    ...["a", "b", "c", "d", "e", "f"].map((letter) => table(`auth_${letter}`, 0)),
  ],
  sequences: [
    { sequence: "dem_demande_id_seq", before: 3_204_150, after: 1, behind: true },
    ...filler
      .slice(0, 6)
      .map((name) => ({ sequence: `${name}_id_seq`, before: 9, after: 9, behind: false })),
  ],
  constraints: [
    {
      table: "dem_demande",
      constraint: "dem_demande_uf_id_fk",
      definition: "FOREIGN KEY (uf_id) REFERENCES common_uf(id) DEFERRABLE INITIALLY DEFERRED",
      rows: 17,
    },
  ],
  schema: [
    ...readyWithRemarks.schema,
    { kind: "table-dropped", table: "extable_réforme", by: "boot" },
    {
      kind: "table-renamed",
      table: "common_fournisseur_référencé_par_le_groupement",
      by: "migration",
      from: "common_fournisseur",
    },
    {
      kind: "column-dropped",
      table: "common_uf",
      by: "migration",
      column: "ancien_libellé",
      type: "text",
    },
    { kind: "column-renamed", table: hostile, by: "migration", column: hostile, from: "b" },
    { kind: "null-forbidden", table: "dem_demande", by: "migration", column: "quantité" },
    { kind: "null-allowed", table: "dem_demande", by: "migration", column: "nom" },
    {
      kind: "default-changed",
      table: "dem_demande",
      by: "migration",
      column: "état",
      from: null,
      to: "'brouillon'::text",
    },
    {
      kind: "constraint-added",
      table: "dem_demande",
      by: "migration",
      name: "dem_demande_uf_id_fk",
      definition: "FOREIGN KEY (uf_id) REFERENCES common_uf(id)",
    },
    {
      kind: "constraint-dropped",
      table: "dem_demande",
      by: "migration",
      name: "positif",
      definition: "CHECK (quantité > 0)",
    },
    {
      kind: "index-added",
      table: "dem_demande",
      by: "migration",
      name: "dem_devise_idx",
      definition: "btree (devise_id)",
    },
    {
      kind: "index-dropped",
      table: "dem_demande",
      by: "migration",
      name: "dem_nom_idx",
      definition: "btree (nom)",
    },
  ],
  rollback: [
    ...filler.map(lossless),
    {
      table: "dem_demande",
      class: "lossy",
      reasons: [
        { kind: "column-unknown", column: "devise_id" },
        { kind: "column-gone", column: "remarque" },
        { kind: "type", column: "montant", old: "integer", new: "numeric(10,2)" },
        { kind: "null", column: "nom" },
        { kind: "constraint", name: "positif", definition: "CHECK (quantité > 0)" },
      ],
    },
    {
      table: "common_fournisseur_référencé_par_le_groupement",
      class: "lossy",
      reasons: [{ kind: "referring", to: "dem_demande" }, { kind: "rows-changed" }],
    },
    { table: "dem_devise", class: "impossible", reasons: [{ kind: "table-unknown" }] },
    {
      table: "common_uf",
      class: "impossible",
      reasons: [
        { kind: "column-required", column: "ancien_libellé" },
        { kind: "mapped", column: "priorité" },
      ],
    },
    { table: hostile, class: "impossible", reasons: [{ kind: "no-key" }] },
  ],
  pages: [
    ...readyWithRemarks.pages,
    {
      page: `/${hostile}/`,
      signedIn: true,
      before: null,
      after: { status: 0, milliseconds: 30_000, size: 0 },
      sqlErrors: [`relation "${hostile}" does not exist`],
    },
    {
      page: "/geqip/dem/une-page-au-chemin-particulièrement-long/avec/beaucoup/de/parties/",
      signedIn: true,
      before: { status: 200, milliseconds: 180, size: 18_000 },
      after: { status: 500, milliseconds: 2140, size: 1_450_000 },
      sqlErrors: [
        'column dem_demande.devise_id does not exist LINE 1: SELECT "dem_demande"."devise_id"',
      ],
    },
  ],
  comparison: {
    ...readyWithRemarks.comparison,
    settings: {
      files: ["instance_settings.example.py", "dra/settings.py"],
      changes: [
        ...readyWithRemarks.comparison.settings.changes,
        {
          file: "dra/settings.py",
          name: "DEM_OLD_ENGINE",
          kind: "removed",
          before: '"v1"',
          after: null,
          inSite: true,
        },
        {
          file: "dra/settings.py",
          name: "TEMPLATE_CONTEXT_PROCESSORS_DU_PORTAIL",
          kind: "changed",
          before: `["django.template.context_processors.request"]`,
          after: `["django.template.context_processors.request", "common.context_processors.${hostile}"]`,
          inSite: false,
        },
      ],
    },
    local: {
      from: "1".repeat(40),
      to: "b".repeat(40),
      ref: "branche-de-production",
      changedFiles: null,
    },
  },
  needs: {
    disk: { needed: 48_000_000_000, free: 31_000_000_000 },
    memory: { needed: 4_200_000_000, free: 1_100_000_000 },
  },
};

/** A release that does not survive its migrations: nothing after them is known. */
export const failed: RehearsalReport = {
  ...readyWithRemarks,
  verdict: "not-ready",
  findings: [
    { severity: "blocking", code: "release-fails", step: "migrate", reason: "IntegrityError" },
  ],
  failure: { step: "migrate", reason: "IntegrityError" },
  hold: null,
  tables: [],
  sequences: [],
  schema: [],
  rollback: [],
  pages: [],
};

/** A release nothing speaks against. */
export const ready: RehearsalReport = { ...readyWithRemarks, verdict: "ready", findings: [] };
