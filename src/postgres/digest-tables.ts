import { escapeIdentifier } from "pg";
import type { Column, Table } from "./schema.ts";

/** Where the notes are kept: only the superuser may look into it, and no search path leads there. */
export const digestSchema = "updater_rehearsal";

/** The notes about one table: `k<number>` texts of its key, `c<number>` hashes of its other columns. */
export function digestTable({ oid }: Pick<Table, "oid">): string {
  return `${digestSchema}.t${oid}`;
}

/** A table to read all rows of, once each; rows of tables that inherit from it are not its own. */
export function source({ name, partitioning }: Table): string {
  return `${partitioning === null ? "ONLY " : ""}public.${escapeIdentifier(name)}`;
}

export function textOf({ name }: Column): string {
  return `${escapeIdentifier(name)}::text`;
}

/** Texts are the same when all their bytes are, whatever the site's language sorts together: fast, too. */
export function exactly(texts: string): string {
  return `${texts} COLLATE "C"`;
}

/** 64 bits of a text; NULL stays NULL. */
export function hashOf(text: string): string {
  return `pg_catalog.hashtextextended(${text}, 0)`;
}

/** Hash of a column as it was noted, whether or not it belongs to the key. */
export function notedHash({ primaryKey }: Table, { number }: Column): string {
  return primaryKey.includes(number) ? hashOf(`k${number}`) : `c${number}`;
}

/** Columns of the key, in the order of the table. */
export function keyColumns({ columns, primaryKey }: Table): Column[] {
  return columns.filter(({ number }) => primaryKey.includes(number));
}
