import type { Author, ColumnChange, TableRollback, Verdict } from "../../rehearsal/report/model.ts";
import type { ReasonTexts, SchemaTexts } from "../report.ts";

const nullable = (notNull: boolean) => (notNull ? ", required" : "");
const value = (text: string | null) => text ?? "none";

export const schema: SchemaTexts = {
  "table-added": () => "new table",
  "table-dropped": () => "table removed",
  "table-renamed": ({ from }) => `was called ${from}`,
  "column-added": ({ column, type, notNull, hasDefault }) =>
    `new column ${column} (${type}${nullable(notNull)}${notNull && !hasDefault ? ", without a default in the database" : ""})`,
  "column-dropped": ({ column, type }) => `column ${column} (${type}) removed`,
  "column-renamed": ({ column, from }) => `column ${from} is now ${column}`,
  "type-changed": ({ column, from, to }) => `${column}: ${from} becomes ${to}`,
  "null-forbidden": ({ column }) => `${column} is now required`,
  "null-allowed": ({ column }) => `${column} may now be empty`,
  "default-changed": ({ column, from, to }) =>
    `${column}: default ${value(from)} becomes ${value(to)}`,
  "constraint-added": ({ name, definition }) => `new rule ${name}: ${definition}`,
  "constraint-dropped": ({ name, definition }) => `rule ${name} removed: ${definition}`,
  "index-added": ({ name, definition }) => `new index ${name}: ${definition}`,
  "index-dropped": ({ name, definition }) => `index ${name} removed: ${definition}`,
};

export const reasons: ReasonTexts = {
  "table-unknown": () => "the old version has no such table",
  "no-key": () => "no primary key, or another one: changes and deletions cannot be told apart",
  partitioned: () => "it is divided into partitions",
  "column-unknown": ({ column }) => `the old version has no column ${column}`,
  "large-object": ({ column }) =>
    `${column} may hold the number of a large object, and those do not follow`,
  "column-required": ({ column }) => `the old version requires ${column}, which is gone`,
  "column-gone": ({ column }) => `${column} is no longer written, and would stay empty`,
  mapped: ({ column }) => `${column} gets what rollback.map says`,
  type: ({ column, old, new: now }) => `${column} is ${now}; the old version takes ${old}`,
  null: ({ column }) => `${column} may now be empty; the old version requires it`,
  constraint: ({ name, definition }) => `the old version insists on ${name}: ${definition}`,
  "rows-changed": () => "the migrations change or add rows of it",
  referring: ({ to }) => `its rows refer to ${to}, which may not keep them all`,
};

export const classes: Record<TableRollback["class"], string> = {
  lossless: "everything",
  lossy: "in part",
  impossible: "nothing",
};

export const classNames: Record<TableRollback["class"], string> = {
  lossless: "lossless",
  lossy: "lossy",
  impossible: "impossible",
};

export const verdicts: Record<Verdict, string> = {
  ready: "Ready",
  remarks: "Ready, with remarks",
  "not-ready": "Not ready",
};

export const authors: Record<Author, string> = {
  migration: "a migration",
  boot: "BiomAid, when it starts",
};

export const columnChanges: Record<ColumnChange["kind"], string> = {
  changed: "other values",
  filled: "filled where it was empty",
  converted: "another type, the same values",
};
