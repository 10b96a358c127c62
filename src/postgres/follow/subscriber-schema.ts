import { escapeIdentifier as name, escapeLiteral as text } from "pg";
import { followSchema, guardStatements, notSent, unguardStatements } from "./apply-triggers.ts";
import type { FollowedTable } from "./followed-table.ts";
import type { FollowPlan, Loosened } from "./plan.ts";
import type { Firing } from "../schema.ts";

/**
 * Statements that give the previous database's tables the names and columns of the serving one's, so that what
 * is written there can arrive. They change the catalogue alone, however much the tables hold.
 */
export function shapeStatements(plan: FollowPlan): string[] {
  const { tables, loosened = [] } = plan;
  return [
    ...numbering(tables, "BY DEFAULT"),
    ...tables.flatMap((table) => acting(table, () => "DISABLE")),
    ...loosened.map(
      (key) => `ALTER TABLE public.${name(key.table)} DROP CONSTRAINT ${name(key.name)}`,
    ),
    ...renameAll(tableNames(plan), (from, to) => [
      `ALTER TABLE public.${name(from)} RENAME TO ${name(to)}`,
    ]),
    ...tables.flatMap((table) => [
      ...renameAll(columnNames(table), (from, to) => [
        `ALTER TABLE public.${name(table.name)} RENAME ${name(from)} TO ${name(to)}`,
      ]),
      ...landing(table).map(
        (column) =>
          `ALTER TABLE public.${name(table.name)} ADD ${name(column)} text DEFAULT ${text(notSent)}`,
      ),
      ...guardStatements(table),
    ]),
  ];
}

/** Undoes `shapeStatements`; what arrived in columns the previous version does not know goes. */
export function unshapeStatements(plan: FollowPlan): string[] {
  const { tables, loosened = [] } = plan;
  const back = (pairs: readonly (readonly [string, string])[]) =>
    pairs.map(([own, followed]) => [followed, own] as const);
  return [
    ...tables.flatMap((table) => [
      ...unguardStatements(table),
      ...landing(table).map(
        (column) => `ALTER TABLE public.${name(table.name)} DROP ${name(column)}`,
      ),
      ...renameAll(back(columnNames(table)), (from, to) => [
        `ALTER TABLE public.${name(table.name)} RENAME ${name(from)} TO ${name(to)}`,
      ]),
    ]),
    ...renameAll(back(tableNames(plan)), (from, to) => [
      `ALTER TABLE public.${name(from)} RENAME TO ${name(to)}`,
    ]),
    ...loosened.map(tightened),
    ...tables.flatMap((table) => acting(table, ({ enabled }) => `ENABLE ${enabled}`)),
    ...numbering(tables, "ALWAYS"),
  ];
}

/** One that is given up, and not returned to, keeps its rows as they are: some may refer to none. */
function tightened({ table, name: key, definition }: Loosened): string {
  const add = `ALTER TABLE public.${name(table)} ADD CONSTRAINT ${name(key)} ${definition.replace(/ NOT VALID$/, "")}`;
  const block = `BEGIN ${add}; EXCEPTION WHEN foreign_key_violation THEN ${add} NOT VALID; END`;
  return definition.endsWith(" NOT VALID") ? `${add} NOT VALID` : `DO ${text(block)}`;
}

/** By its own name: what acts on what arrives, although it has acted where that was written. */
function acting({ own, firing = [] }: FollowedTable, how: (one: Firing) => string): string[] {
  return firing.map(
    (one) => `ALTER TABLE public.${name(own)} ${how(one)} ${one.kind} ${name(one.name)}`,
  );
}

/** By its own names: whether a row may bring a number with it. */
function numbering(tables: readonly FollowedTable[], generated: "ALWAYS" | "BY DEFAULT"): string[] {
  return tables.flatMap(({ own, numbered }) =>
    numbered.map(
      (column) =>
        `ALTER TABLE public.${name(own)} ALTER ${name(column)} SET GENERATED ${generated}`,
    ),
  );
}

/** What refused rows and the plan are kept in, beside the application's own tables. */
export const bookkeeping = [
  `CREATE SCHEMA ${followSchema}`,
  `CREATE TABLE ${followSchema}.plan (shaped boolean NOT NULL, plan jsonb NOT NULL)`,
  `CREATE TABLE ${followSchema}.refused (relation bigint, key text, column_name text, reason text,
     PRIMARY KEY (relation, key, column_name))`,
];

/** Own name and the one meanwhile, of each table that has two while others follow. */
function tableNames({ tables, aside = [] }: FollowPlan): (readonly [string, string])[] {
  return [...tables.map(({ own, name: followed }) => [own, followed] as const), ...aside];
}

/** Own name and the one while it follows, of each column that has two. */
function columnNames({ columns, aside = [] }: FollowedTable): (readonly [string, string])[] {
  const placed = columns.flatMap((column) =>
    column.kind === "unknown"
      ? []
      : [[column.own, column.kind === "converted" ? column.parked : column.name] as const],
  );
  return [...placed, ...aside];
}

/** Columns made for what arrives and has no place. */
function landing({ columns }: FollowedTable): string[] {
  return columns.flatMap((column) => (column.kind === "same" ? [] : [column.name]));
}

/** Two things may have exchanged their names: all that are renamed first get out of the way. */
function renameAll(
  pairs: readonly (readonly [string, string])[],
  rename: (from: string, to: string) => string[],
): string[] {
  const renamed = pairs.filter(([from, to]) => from !== to);
  const aside = (index: number) => `updater_aside_${index}`;
  return [
    ...renamed.flatMap(([from], index) => rename(from, aside(index))),
    ...renamed.flatMap(([, to], index) => rename(aside(index), to)),
  ];
}
