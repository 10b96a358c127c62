const nullable = (notNull: boolean) => (notNull ? ", required" : "");
const value = (text: string | null) => text ?? "none";

interface Column {
  readonly column: string;
}

/** A constraint or an index. */
interface Definition {
  readonly name: string;
  readonly definition: string;
}

interface From {
  readonly from: string;
}

/** Of what changes in a schema, by kind. */
export const schema = {
  "table-added": (_: object) => "new table",
  "table-dropped": (_: object) => "table removed",
  "table-renamed": ({ from }: From) => `was called ${from}`,
  "column-added": ({
    column,
    type,
    notNull,
    hasDefault,
  }: Column & { readonly type: string; readonly notNull: boolean; readonly hasDefault: boolean }) =>
    `new column ${column} (${type}${nullable(notNull)}${notNull && !hasDefault ? ", without a default in the database" : ""})`,
  "column-dropped": ({ column, type }: Column & { readonly type: string }) =>
    `column ${column} (${type}) removed`,
  "column-renamed": ({ column, from }: Column & From) => `column ${from} is now ${column}`,
  "type-changed": ({ column, from, to }: Column & From & { readonly to: string }) =>
    `${column}: ${from} becomes ${to}`,
  "null-forbidden": ({ column }: Column) => `${column} is now required`,
  "null-allowed": ({ column }: Column) => `${column} may now be empty`,
  "default-changed": ({
    column,
    from,
    to,
  }: Column & { readonly from: string | null; readonly to: string | null }) =>
    `${column}: default ${value(from)} becomes ${value(to)}`,
  "constraint-added": ({ name, definition }: Definition) => `new rule ${name}: ${definition}`,
  "constraint-dropped": ({ name, definition }: Definition) => `rule ${name} removed: ${definition}`,
  "index-added": ({ name, definition }: Definition) => `new index ${name}: ${definition}`,
  "index-dropped": ({ name, definition }: Definition) => `index ${name} removed: ${definition}`,
};

/** Why a table does not follow as a whole, by kind. */
export const reasons = {
  "table-unknown": (_: object) => "the old version has no such table",
  "no-key": (_: object) =>
    "no primary key, another one, or one that is checked late (DEFERRABLE): changes and deletions cannot be told apart",
  unlogged: (_: object) => "it is not logged (UNLOGGED): nothing of it is copied or sent",
  partitioned: (_: object) => "it is divided into partitions",
  "column-unknown": ({ column }: Column) => `the old version has no column ${column}`,
  "large-object": ({ column }: Column) =>
    `${column} may hold the number of a large object, and those do not follow`,
  "column-required": ({ column }: Column) => `the old version requires ${column}, which is gone`,
  "column-gone": ({ column }: Column) => `${column} is no longer written, and would stay empty`,
  mapped: ({ column }: Column) => `${column} gets what rollback.map says`,
  type: ({ column, old, new: now }: Column & { readonly old: string; readonly new: string }) =>
    `${column} is ${now}; the old version takes ${old}`,
  null: ({ column }: Column) => `${column} may now be empty; the old version requires it`,
  constraint: ({ name, definition }: Definition) =>
    `the old version insists on ${name}: ${definition}`,
  index: ({ name, definition }: Definition) =>
    `an index of the old version does not take every value, ${name}: ${definition}`,
  "rows-changed": (_: object) => "the migrations change or add rows of it",
  referring: ({ to }: { readonly to: string }) =>
    `its rows refer to ${to}, which may not keep them all`,
};

export const classes = {
  lossless: "everything",
  lossy: "in part",
  impossible: "nothing",
};

export const classNames = {
  lossless: "lossless",
  lossy: "lossy",
  impossible: "impossible",
};

export const verdicts = {
  ready: "Ready",
  remarks: "Ready, with remarks",
  "not-ready": "Not ready",
};

export const authors = {
  migration: "a migration",
  boot: "BiomAid, when it starts",
};

export const columnChanges = {
  changed: "other values",
  filled: "filled where it was empty",
  converted: "another type, the same values",
};
