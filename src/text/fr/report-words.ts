import type * as english from "../en/report-words.ts";

const nullable = (notNull: boolean) => (notNull ? ", obligatoire" : "");
const value = (text: string | null) => text ?? "aucune";

export const schema: typeof english.schema = {
  "table-added": () => "nouvelle table",
  "table-dropped": () => "table supprimée",
  "table-renamed": ({ from }) => `s’appelait ${from}`,
  "column-added": ({ column, type, notNull, hasDefault }) =>
    `nouvelle colonne ${column} (${type}${nullable(notNull)}${notNull && !hasDefault ? ", sans valeur par défaut dans la base" : ""})`,
  "column-dropped": ({ column, type }) => `colonne ${column} (${type}) supprimée`,
  "column-renamed": ({ column, from }) => `la colonne ${from} devient ${column}`,
  "type-changed": ({ column, from, to }) => `${column} : ${from} devient ${to}`,
  "null-forbidden": ({ column }) => `${column} devient obligatoire`,
  "null-allowed": ({ column }) => `${column} peut désormais être vide`,
  "default-changed": ({ column, from, to }) =>
    `${column} : la valeur par défaut ${value(from)} devient ${value(to)}`,
  "constraint-added": ({ name, definition }) => `nouvelle règle ${name} : ${definition}`,
  "constraint-dropped": ({ name, definition }) => `règle ${name} supprimée : ${definition}`,
  "index-added": ({ name, definition }) => `nouvel index ${name} : ${definition}`,
  "index-dropped": ({ name, definition }) => `index ${name} supprimé : ${definition}`,
};

export const reasons: typeof english.reasons = {
  "table-unknown": () => "l’ancienne version n’a pas cette table",
  "no-key": () =>
    "pas de clé primaire, une autre, ou une clé vérifiée plus tard (DEFERRABLE) : modifications et suppressions sont indiscernables",
  unlogged: () => "elle est sans journal (UNLOGGED) : rien n’en est copié ni envoyé",
  partitioned: () => "elle est divisée en partitions",
  "column-unknown": ({ column }) => `l’ancienne version n’a pas la colonne ${column}`,
  "large-object": ({ column }) =>
    `${column} peut contenir le numéro d’un objet volumineux (lo), et ceux-ci ne suivent pas`,
  "column-required": ({ column }) => `l’ancienne version exige ${column}, qui n’existe plus`,
  "column-gone": ({ column }) => `${column} n’est plus écrite, et resterait vide`,
  mapped: ({ column }) => `${column} reçoit ce que dit rollback.map`,
  type: ({ column, old, new: now }) => `${column} est ${now} ; l’ancienne version accepte ${old}`,
  null: ({ column }) => `${column} peut désormais être vide ; l’ancienne version l’exige`,
  constraint: ({ name, definition }) => `l’ancienne version impose ${name} : ${definition}`,
  index: ({ name, definition }) =>
    `un index de l’ancienne version ne prend pas toute valeur, ${name} : ${definition}`,
  "rows-changed": () => "les migrations en modifient ou y ajoutent des lignes",
  referring: ({ to }) => `ses lignes renvoient à ${to}, qui peut ne pas tout garder`,
};

export const classes: typeof english.classes = {
  lossless: "tout",
  lossy: "une partie",
  impossible: "rien",
};

export const classNames: typeof english.classNames = {
  lossless: "sans perte",
  lossy: "avec perte",
  impossible: "impossible",
};

export const verdicts: typeof english.verdicts = {
  ready: "Prête",
  remarks: "Prête, avec des remarques",
  "not-ready": "Pas prête",
};

export const authors: typeof english.authors = {
  migration: "une migration",
  boot: "BiomAid, à son démarrage",
};

export const columnChanges: typeof english.columnChanges = {
  changed: "d’autres valeurs",
  filled: "remplie là où elle était vide",
  converted: "un autre type, les mêmes valeurs",
};
