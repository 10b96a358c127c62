/** A kind of change a migration can make, and a write of the new version that shows what becomes of it. */
export interface Case {
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

/** Adds a row to a table of them. */
export const adding = (table: string, write = "(nom) VALUES ('n')") =>
  `INSERT INTO essais_${table} ${write}`;

/** By operation. */
export const cases: readonly Case[] = [
  {
    operation: "AddField, null",
    table: "champvide",
    write: adding("champvide", "(nom, note) VALUES ('n', 'une note')"),
    class: "lossy",
    kept: { nom: "n" },
  },
  {
    operation: "AddField, default",
    table: "champrempli",
    write: adding("champrempli", "(nom, note) VALUES ('n', 'autre')"),
    class: "lossy",
    kept: { nom: "n" },
  },
  {
    operation: "RemoveField, null",
    table: "champvideretire",
    write: adding("champvideretire"),
    class: "lossless",
    kept: { nom: "n" },
  },
  {
    operation: "RemoveField, required",
    table: "champrequisretire",
    write: adding("champrequisretire"),
    class: "lossy",
    kept: null,
  },
  {
    operation: "RemoveField, required, with an expression of the site",
    table: "champrequisexprime",
    write: adding("champrequisexprime"),
    class: "lossless",
    kept: { nom: "n", note: "note de n" },
  },
  {
    operation: "RenameField",
    table: "champrenomme",
    write: adding("champrenomme", "(titre) VALUES ('n')"),
    class: "lossless",
    kept: { nom: "n" },
  },
  {
    operation: "AlterField, longer",
    table: "texteallonge",
    write: adding("texteallonge", "(nom) VALUES ('beaucoup plus long')"),
    class: "lossy",
    kept: null,
  },
  {
    operation: "AlterField, shorter",
    table: "texteraccourci",
    write: adding("texteraccourci"),
    class: "lossless",
    kept: { nom: "n" },
  },
  {
    operation: "AlterField, number to text",
    table: "nombreentexte",
    write: adding("nombreentexte"),
    class: "lossy",
    kept: null,
  },
  {
    operation: "AlterField, text to number",
    table: "texteennombre",
    write: adding("texteennombre", "(nom) VALUES (-2147483648)"),
    class: "lossless",
    kept: { nom: "-2147483648" },
  },
  {
    operation: "AlterField, no longer unique",
    table: "uniquelevee",
    write: adding("uniquelevee", "(nom) VALUES ('avant')"),
    class: "lossy",
    kept: null,
  },
  {
    operation: "AlterField, unique",
    table: "uniqueajoutee",
    write: adding("uniqueajoutee"),
    class: "lossless",
    kept: { nom: "n" },
  },
  {
    operation: "RemoveConstraint",
    table: "reglelevee",
    write: adding("reglelevee", "(nom) VALUES (-1)"),
    class: "lossy",
    kept: null,
  },
  {
    operation: "AddConstraint",
    table: "regleajoutee",
    write: adding("regleajoutee", "(nom) VALUES (1)"),
    class: "lossless",
    kept: { nom: 1 },
  },
  {
    operation: "AlterField, may be empty",
    table: "nulpermis",
    write: adding("nulpermis", "(nom) VALUES (NULL)"),
    class: "lossy",
    kept: null,
  },
  {
    operation: "AlterField, may not be empty",
    table: "nulinterdit",
    write: adding("nulinterdit"),
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
    write: adding("liaisonajoutee"),
    class: "lossless",
    kept: { nom: "n" },
  },
  {
    operation: "RemoveField, many-to-many",
    table: "liaisonretiree",
    write: adding("liaisonretiree"),
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
    write: adding("indexee"),
    class: "lossless",
    kept: { nom: "n" },
  },
  {
    operation: "AlterModelTable",
    table: "sous_un_autre_nom",
    own: "tablerenommee",
    write: adding("sous_un_autre_nom"),
    class: "lossless",
    kept: { nom: "n" },
  },
  {
    operation: "RenameModel",
    table: "nouveaumodele",
    own: "ancienmodele",
    write: adding("nouveaumodele"),
    class: "lossless",
    kept: { nom: "n" },
  },
  {
    operation: "CreateModel",
    table: "modelecree",
    own: null,
    write: adding("modelecree"),
    class: "lossy",
    kept: null,
  },
];

/** Each has one row before the swap. */
export const before: Readonly<Record<string, string>> = {
  champrequisretire: "(nom, note) VALUES ('avant', 'x')",
  champrequisexprime: "(nom, note) VALUES ('avant', 'x')",
  nombreentexte: "(nom) VALUES (1)",
  texteennombre: "(nom) VALUES ('1')",
  reglelevee: "(nom) VALUES (1)",
  regleajoutee: "(nom) VALUES (1)",
};
