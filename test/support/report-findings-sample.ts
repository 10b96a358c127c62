import type { Finding } from "../../src/rehearsal/report/model.ts";

/** What somebody hostile might call a table or a page. */
export const hostile = `<script>alert("x")</script><img src=x onerror='alert(1)'>&amp;`;

/** One of each kind. */
export const everyFinding: readonly Finding[] = [
  {
    severity: "blocking",
    code: "release-fails",
    step: "probe",
    reason: "RuntimeError: priorité inconnue : la demande 7 n’a pas d’arbitre",
  },
  {
    severity: "blocking",
    code: "rows-lost",
    table: "dem_demande",
    rows: 112,
    before: 3_204_118,
    by: "migration",
  },
  { severity: "blocking", code: "rows-lost", table: hostile, rows: 1, before: 3, by: "migration" },
  {
    severity: "blocking",
    code: "rows-lost",
    table: "extable_équipement",
    rows: 48_210,
    before: 48_210,
    by: "boot",
  },
  {
    severity: "blocking",
    code: "values-changed",
    table: "dem_demande",
    column: "prix_unitaire_ttc",
    rows: 40_312,
  },
  {
    severity: "blocking",
    code: "values-changed",
    table: "common_fournisseur",
    column: "libellé",
    rows: null,
  },
  { severity: "blocking", code: "table-dropped", table: "extable_réforme", rows: 812, by: "boot" },
  {
    severity: "blocking",
    code: "long-lock",
    migration:
      "dem.0011_un_nom_de_migration_vraiment_très_long_comme_django_en_invente_quand_personne_ne_choisit",
    table: "dem_demande",
    milliseconds: 18_400,
    limit: 5000,
  },
  { severity: "blocking", code: "hold-too-long", predicted: 41_200, max: 30_000 },
  {
    severity: "blocking",
    code: "constraint-broken",
    table: "dem_demande",
    constraint: "dem_demande_uf_id_fk",
    rows: 17,
  },
  { severity: "blocking", code: "sequence-behind", sequence: "dem_demande_id_seq" },
  {
    severity: "blocking",
    code: "page-fails",
    page: "/geqip/dem/cockpit/",
    status: 500,
    signedIn: true,
  },
  { severity: "blocking", code: "page-fails", page: `/${hostile}/`, status: 0, signedIn: true },
  {
    severity: "blocking",
    code: "sql-error",
    page: "/geqip/dem/",
    message:
      'column dem_demande.devise_id does not exist\nLINE 1: SELECT "dem_demande"."devise_id"',
  },
  {
    code: "page-differs",
    severity: "remark",
    page: "/geqip-chuap/dem/",
    lines: 2,
  },
  {
    severity: "remark",
    code: "page-slower",
    page: "/geqip/common/programme/",
    before: 180,
    after: 2140,
  },
  { severity: "remark", code: "page-failed-before", page: "/geqip/assetplus/", status: 500 },
  { severity: "remark", code: "no-user-to-probe" },
  {
    severity: "remark",
    code: "rewrites-table",
    migration: "dem.0008_montant",
    table: "dem_demande",
  },
  {
    severity: "remark",
    code: "irreversible",
    migrations: ["dem.0003_devise", "dem.0008_montant", "common.0009_rôles"],
  },
  {
    severity: "remark",
    code: "mapping-fails",
    table: "dem_demande",
    column: "priorité",
    reason: "division by zero",
  },
  {
    severity: "remark",
    code: "rollback-loses",
    lossy: ["dem_demande"],
    impossible: ["dem_devise", hostile],
  },
  {
    severity: "remark",
    code: "settings-added",
    names: ["DEM_DEVISE", "DEM_ARBITRAGE_AUTOMATIQUE"],
  },
  { severity: "remark", code: "settings-removed", names: ["DEM_OLD_ENGINE"] },
  {
    severity: "remark",
    code: "column-dropped",
    table: "common_uf",
    column: "ancien_libellé",
    rows: 318,
  },
  {
    severity: "remark",
    code: "values-filled",
    table: "dem_demande",
    column: "devise_id",
    rows: 3_204_006,
  },
  { severity: "remark", code: "hold-near-limit", predicted: 20_000, max: 30_000 },
  { severity: "remark", code: "disk-short", needed: 48_000_000_000, free: 31_000_000_000 },
  { severity: "remark", code: "memory-short", needed: 4_200_000_000, free: 1_100_000_000 },
];
