import { escapeIdentifier as name } from "pg";
import type { Database } from "../connect.ts";
import { followSchema, keyOf } from "./apply-triggers.ts";
import type { FollowedTable } from "./followed-table.ts";
import { publication } from "./publication.ts";

/** A row that a rollback would not keep as it was written. */
export interface LostRow {
  /** Of its primary key, as JSON; its place where there is no key. */
  readonly key: string;
  /** Its place in the table's file ("(block,number)"). */
  readonly place?: string;
  /** Columns whose value is not kept; empty when nothing of the row is. */
  readonly columns: readonly string[];
  /** What the row holds now: tells whether it is still the same at a second look. */
  readonly content: string;
}

/** Rows written since users came (`countFromHere`): a transaction's age tells. */
export const written = `age(xmin) <= (SELECT age(p.xmin) FROM pg_publication p WHERE p.pubname = '${publication}')`;

/** Rows that nobody has written since anything was published, which is before the first boot. */
export const unwritten = `age(xmin) > (
  SELECT greatest(age(p.xmin), (SELECT max(age(r.xmin)) FROM pg_publication_rel r WHERE r.prpubid = p.oid))
    FROM pg_publication p WHERE p.pubname = '${publication}')`;

const rowsAtATime = 1000;

/** What of one table is looked at again. */
export interface Again {
  readonly blocks: readonly number[];
  /** Found at the earlier look. */
  readonly rows: readonly LostRow[];
}

/** Rows (`t`) in these blocks, or at these places. A block has no more rows than that. */
const there = `t.ctid = ANY (ARRAY(
  SELECT format('(%s,%s)', block, number)::tid FROM unnest($1::integer[]) block, generate_series(1, 291) number
  UNION ALL SELECT unnest($2::text[])::tid))`;

/** Of a table that does not follow. */
export async function writtenRows(
  serving: Database,
  place: string,
  again: Again | undefined,
): Promise<readonly LostRow[]> {
  const { rows } = await serving.query<LostRow>(
    `SELECT tableoid || ':' || ctid AS key, ctid::text AS place, '{}'::text[] AS columns, md5(t::text) AS content
       FROM ${place} t WHERE ${written}${again ? ` AND ${there}` : ""}`,
    again ? [again.blocks, []] : [],
  );
  if (!again) return rows;
  const blocks = new Set(again.blocks);
  return [...again.rows.filter((row) => !blocks.has(blockOf(row))), ...rows];
}

function blockOf({ place = "" }: LostRow): number {
  return Number(/^\((\d+),/.exec(place)?.[1]);
}

interface Written {
  readonly key: string;
  readonly place: string;
  readonly parts: string[];
  readonly same: (string | null)[];
  readonly unknown: (string | null)[];
}

/** Rows of a table that follows which are not in the previous database, or not as they were written. */
export async function lostRows(
  serving: Database,
  previous: Database,
  table: FollowedTable,
  { arriving, again }: { arriving: boolean; again: Again | undefined },
): Promise<LostRow[]> {
  const same = comparedColumns(table, arriving);
  const unknown = table.columns.flatMap((column) =>
    column.kind === "unknown" && column.computed === undefined ? column : [],
  );
  const converted = table.columns.filter(({ kind }) => kind === "converted").map((one) => one.name);
  const texts = (columns: readonly { name: string }[]) =>
    `ARRAY[${columns.map((column) => `t.${name(column.name)}::text`).join(", ")}]::text[]`;
  const { rows } = await serving.query<Written>(
    `SELECT ${keyOf(table.key, "t.")} AS key, t.ctid::text AS place, ${texts(table.key)} AS parts,
            ${texts(same)} AS same, ${texts(unknown)} AS unknown
       FROM public.${name(table.name)} t WHERE ${written}${again ? ` AND ${there}` : ""}`,
    // What had not arrived may have by now.
    again ? [again.blocks, again.rows.flatMap(({ place }) => place ?? [])] : [],
  );
  const lost: LostRow[] = [];
  for (let from = 0; from < rows.length; from += rowsAtATime) {
    const some = rows.slice(from, from + rowsAtATime);
    const there = await arrived(previous, table, table.changed ? [] : same, some);
    const refused = await refusedColumns(previous, table, some);
    for (const row of some) {
      const content = JSON.stringify([row.same, row.unknown]);
      const { key, place } = row;
      const arrivedRow = there.get(row.key);
      if (!arrivedRow || table.changed) {
        lost.push({ key, place, columns: [], content });
        continue;
      }
      const differing = [
        ...same.filter((_, index) => arrivedRow[index] !== row.same[index]),
        ...unknown.filter(({ fill }, index) => row.unknown[index] !== (fill ?? null)),
      ];
      const columns = [
        ...differing.map((column) => column.name),
        ...(refused.get(row.key) ?? []).flatMap((column) => column || converted),
      ];
      if (columns.length > 0) lost.push({ key, place, columns, content });
    }
  }
  return lost;
}

/** A column that must have the same value on both sides. */
interface ComparedColumn {
  readonly name: string;
  /** Its value in the previous database, as the serving one writes it. */
  readonly there: string;
}

function comparedColumns(
  { columns, computed = [], aside = [] }: FollowedTable,
  arriving: boolean,
): ComparedColumn[] {
  const parked = new Map(aside);
  const valueIn = (column: string) => `t.${name(column)}`;
  return [
    ...columns.flatMap((column): ComparedColumn[] => {
      const { kind, name: known, type } = column;
      if (kind === "same") return [{ name: known, there: `(${valueIn(known)}::${type})::text` }];
      if (kind === "unknown") {
        if (column.computed === undefined) return [];
        const there = valueIn(parked.get(column.computed) ?? column.computed);
        return [{ name: known, there: `${there}::text` }];
      }
      // What is converted arrives as text in a column of its name; the refusals tell of it, if it has come so far.
      return arriving ? [] : [{ name: known, there: valueIn(known) }];
    }),
    ...computed.map((column) => ({ name: column, there: `${valueIn(column)}::text` })),
  ];
}

/** Of rows in the previous database, by key: the values of these columns. */
async function arrived(
  previous: Database,
  table: FollowedTable,
  same: readonly ComparedColumn[],
  rows: readonly Written[],
): Promise<Map<string, (string | null)[]>> {
  const wanted = table.key.map((_, index) => `k${index}`);
  const found = await previous.query<{ key: string; same: (string | null)[] }>(
    `SELECT ${keyOf(table.key, "t.")} AS key, ARRAY[${same.map((one) => one.there).join(", ")}]::text[] AS same
       FROM unnest(${wanted.map((_, index) => `$${index + 1}::text[]`).join(", ")}) AS wanted (${wanted.join(", ")})
       JOIN public.${name(table.name)} t
         ON ${table.key.map((column, index) => `t.${name(column.name)} = wanted.k${index}::${column.type}`).join(" AND ")}`,
    table.key.map((_, index) => rows.map(({ parts }) => parts[index])),
  );
  return new Map(found.rows.map(({ key, same }) => [key, same]));
}

/** By key; an empty name stands for the whole row, as it was written last. */
async function refusedColumns(
  previous: Database,
  { oid }: FollowedTable,
  rows: readonly Written[],
): Promise<Map<string, string[]>> {
  const found = await previous.query<{ key: string; columns: string[] }>(
    `SELECT key, array_agg(column_name ORDER BY column_name) AS columns FROM ${followSchema}.refused
      WHERE relation = $1 AND key = ANY ($2) GROUP BY key`,
    [oid, rows.map(({ key }) => key)],
  );
  return new Map(found.rows.map(({ key, columns }) => [key, columns]));
}
