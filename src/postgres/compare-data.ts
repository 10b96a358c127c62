import { type ComparedColumn, comparedColumns } from "./compared-columns.ts";
import { type Database, hasRows } from "./connect.ts";
import { countOf, digestTable, exactly, hashOf, notedHash, source } from "./digest.ts";
import type { Schema, Table } from "./schema.ts";
import type { Author } from "./schema-changes.ts";
import { matchTables, type Pair } from "./schema-match.ts";
import { inTransaction } from "./transaction.ts";

export interface TableComparison {
  /** The table's own now; the last it had when it is gone. */
  readonly oid: number;
  /** Its name afterwards, or the last one it had. */
  readonly table: string;
  /** Its name before, where a migration gave it another. */
  readonly renamedFrom: string | null;
  /** Rows before and after the migrations; null where there is no such table. */
  readonly before: number | null;
  readonly migrated: number | null;
  /** Who created or dropped it. A table that boot drops and creates again has "boot" in both. */
  readonly createdBy: Author | null;
  readonly droppedBy: Author | null;
  /** Rows, by primary key, that migrations removed and added; null for a table without a key. */
  readonly removed: number | null;
  readonly added: number | null;
  /** Columns on both sides whose content is not what it was. */
  readonly changed: readonly ColumnChange[];
}

interface ColumnChange {
  /** Its name afterwards. */
  readonly column: string;
  /** filled: only where there was nothing. converted: another type, the same values. */
  readonly kind: "changed" | "filled" | "converted";
  /** Null when it cannot be told, because the table has no key. */
  readonly rows: number | null;
}

/**
 * What became of the rows that `keepDigests` noted. Rows are told apart by their primary key, columns by
 * their number and not by what they are called. One statement a table, and no row leaves the database.
 * @returns every table there was or is, by name
 */
export async function compareData(
  database: Database,
  before: Schema,
  after: Schema,
): Promise<TableComparison[]> {
  const { pairs, gone, come } = matchTables(before.tables, after.tables);
  return await inTransaction(database, async () => {
    const tables: TableComparison[] = [];
    for (const pair of pairs) tables.push(await compareTable(database, pair));
    for (const table of gone) {
      const rows = await countOf(database, digestTable(table));
      tables.push({ ...uncompared(table), before: rows, droppedBy: "migration" });
    }
    for (const table of come) {
      const rows = await countOf(database, source(table));
      tables.push({ ...uncompared(table), migrated: rows, createdBy: "migration" });
    }
    return tables.sort((one, other) => (one.table < other.table ? -1 : 1));
  });
}

/** A table before anything of it is compared. */
export function uncompared({ oid, name }: Table): TableComparison {
  return {
    oid,
    table: name,
    renamedFrom: null,
    before: null,
    migrated: null,
    createdBy: null,
    droppedBy: null,
    removed: null,
    added: null,
    changed: [],
  };
}

async function compareTable(database: Database, pair: Pair<Table>): Promise<TableComparison> {
  const { before, after } = pair;
  const columns = await comparedColumns(database, pair);
  const key = columns.filter((column) => before.primaryKey.includes(column.before.number));
  const told = key.length > 0 && key.length === before.primaryKey.length;
  const content =
    told && (await tellsApart(database, pair, key))
      ? await compareByKey(database, pair, columns, key)
      : await compareWithoutKey(database, pair, columns);
  // A migration that copied everything to a new table of the same name.
  const author = before.oid === after.oid ? null : ("migration" as const);
  return {
    ...uncompared(after),
    renamedFrom: before.name === after.name ? null : before.name,
    createdBy: author,
    droppedBy: author,
    ...content,
  };
}

type Content = Pick<TableComparison, "before" | "migrated" | "removed" | "added" | "changed">;

/** Whether what was the key still tells the rows of a table apart. */
async function tellsApart(
  database: Database,
  { before, after }: Pair<Table>,
  key: readonly ComparedColumn[],
): Promise<boolean> {
  const numbers = key.map((column) => column.after.number);
  const same = before.oid === after.oid && key.every(({ asBefore, text }) => asBefore === text);
  const still = after.primaryKey.every((number) => numbers.includes(number));
  if (same && still && after.primaryKey.length > 0) return true;
  const texts = key.map(({ asBefore }) => exactly(`(${asBefore})`));
  const empty = texts.map((text) => `bool_or(${text} IS NULL)`);
  return !(await hasRows(
    database,
    `SELECT FROM ${source(after)} GROUP BY ${texts.join(", ")}
     HAVING count(*) > 1 OR ${empty.join(" OR ")} LIMIT 1`,
  ));
}

async function compareByKey(
  database: Database,
  { before, after }: Pair<Table>,
  columns: readonly ComparedColumn[],
  key: readonly ComparedColumn[],
): Promise<Content> {
  const others = columns.filter((column) => !key.includes(column));
  const now = [
    ...key.map(({ before: { number }, asBefore }) => `${asBefore} AS k${number}`),
    ...others.flatMap(({ before: { number }, text, asBefore }) => [
      `${hashOf(asBefore)} AS c${number}`,
      ...(asBefore === text ? [] : [`${hashOf(text)} AS n${number}`]),
    ]),
  ];
  const inBoth = (condition: string) =>
    `count(*) FILTER (WHERE was.there AND is_.there AND ${condition})`;
  const counts = others.map(({ before: { number }, text, asBefore }) => {
    const differs = `was.c${number} IS DISTINCT FROM is_.c${number}`;
    const emptied = `was.c${number} IS NOT NULL AND ${differs}`;
    const rewritten =
      asBefore === text ? "0" : inBoth(`was.c${number} IS DISTINCT FROM is_.n${number}`);
    return `ARRAY[${inBoth(differs)}, ${inBoth(emptied)}, ${rewritten}]`;
  });
  const { rows } = await database.query<Omit<Content, "changed"> & { counts: number[][] }>(
    `SELECT count(was.there)::float AS before, count(is_.there)::float AS migrated,
            count(*) FILTER (WHERE is_.there IS NULL)::float AS removed,
            count(*) FILTER (WHERE was.there IS NULL)::float AS added,
            ARRAY[${counts.join(", ")}]::float[] AS counts
       FROM (SELECT true AS there, * FROM ${digestTable(before)}) was
       -- OFFSET 0: sort hashes, not whole rows.
       FULL JOIN (SELECT true AS there, ${now.join(", ")} FROM ${source(after)} OFFSET 0) is_
         ON ${key.map(({ before: { number } }) => exactly(`was.k${number} = is_.k${number}`)).join(" AND ")}`,
  );
  const { counts: found, ...totals } = rows[0]!;
  const changed = others.flatMap(({ after: { name: column } }, index): ColumnChange[] => {
    const [differing = 0, emptied = 0, rewritten = 0] = found[index]!;
    if (differing > 0) {
      return [{ column, kind: emptied > 0 ? "changed" : "filled", rows: differing }];
    }
    return rewritten > 0 ? [{ column, kind: "converted", rows: rewritten }] : [];
  });
  return { ...totals, changed };
}

/**
 * Without a key only the values of each column can be compared, as a heap: rows that came or went are no
 * change of the values in the others.
 */
async function compareWithoutKey(
  database: Database,
  { before, after }: Pair<Table>,
  columns: readonly ComparedColumn[],
): Promise<Content> {
  const changed: ColumnChange[] = [];
  for (const column of columns) {
    const noted = `SELECT true AS old, ${notedHash(before, column.before)} AS hash FROM ${digestTable(before)}`;
    const compareAs = async (text: string) =>
      await compareHeaps(
        database,
        `${noted} UNION ALL SELECT false, ${hashOf(text)} FROM ${source(after)}`,
      );
    const { text, asBefore, after: now } = column;
    const kind =
      (await compareAs(asBefore)) ??
      (asBefore !== text && (await compareAs(text)) ? "converted" : undefined);
    if (kind) changed.push({ column: now.name, kind, rows: null });
  }
  return {
    before: await countOf(database, digestTable(before)),
    migrated: await countOf(database, source(after)),
    removed: null,
    added: null,
    changed,
  };
}

async function compareHeaps(
  database: Database,
  hashes: string,
): Promise<"changed" | "filled" | undefined> {
  const { rows } = await database.query<{ come: boolean; lost: boolean; filled: boolean }>(
    `SELECT bool_or(new > old) AS come,
            bool_or(old > new AND hash IS NOT NULL) AS lost,
            bool_or(old > new AND hash IS NULL) AS filled
       FROM (SELECT hash, count(*) FILTER (WHERE old) AS old, count(*) FILTER (WHERE NOT old) AS new
               FROM (${hashes}) hashes GROUP BY hash) heaps`,
  );
  const { come, lost, filled } = rows[0]!;
  if (!come || !(lost || filled)) return undefined;
  return lost ? "changed" : "filled";
}
