import { escapeIdentifier as name } from "pg";
import { type Database, valueOf } from "../connect.ts";
import { matchColumns, matchTables } from "../schema-match.ts";
import { readSchema, type Schema, type Sequence } from "../schema.ts";
import { isInteger } from "../value-types.ts";

/** Lets new rows be inserted at once: numbers given out since the swap are not replicated with the rows. */
export async function advanceSequences(serving: Database, previous: Database): Promise<void> {
  const [now, old] = [await readSchema(serving), await readSchema(previous)];
  const feeding = new Map(feedingPairs(old, now));
  const others = await sequencesOf(serving, now);
  for (const sequence of await sequencesOf(previous, old)) {
    const same = others.filter((other) => isSame(sequence, other, feeding));
    const last = [sequence, ...same].map((one) => one.last).filter((one) => one !== null);
    const fits = last.filter((number) => number >= sequence.least && number <= sequence.greatest);
    // What has no room here has not arrived; a sequence that was made anew does not tell of what has.
    const told = same.some(({ oid }) => oid === sequence.oid) && fits.length === last.length;
    const taken = told ? [] : await highest(previous, old, sequence);
    const furthest = [...fits, ...taken];
    if (furthest.length === 0) continue;
    await previous.query("SELECT setval($1::regclass, $2)", [
      sequence.place,
      sequence.increment > 0 ? Math.max(...furthest) : Math.min(...furthest),
    ]);
  }
}

/** One that numbers rows of `public`, wherever it is. */
interface PlacedSequence extends Sequence {
  /** For SQL. */
  readonly place: string;
}

async function sequencesOf(
  database: Database,
  { sequences, tables }: Schema,
): Promise<PlacedSequence[]> {
  const known = new Set(sequences.map(({ oid }) => oid));
  const numbering = tables.flatMap(({ columns }) =>
    columns.flatMap(({ sequence }) => sequence ?? []),
  );
  const { rows } = await database.query<{ sequence: PlacedSequence }>(
    `SELECT json_build_object('oid', c.oid::bigint, 'name', place, 'place', place, 'increment', s.seqincrement,
                              'least', s.seqmin, 'greatest', s.seqmax, 'last', pg_sequence_last_value(c.oid)) AS sequence
       FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid JOIN pg_namespace n ON n.oid = c.relnamespace,
            format('%I.%I', n.nspname, c.relname) place
      WHERE c.oid = ANY ($1)`,
    [numbering.filter((oid) => !known.has(oid))],
  );
  return [
    ...sequences.map((one) => ({ ...one, place: `public.${name(one.name)}` })),
    ...rows.map(({ sequence }) => sequence),
  ];
}

/** The furthest number that a row has of a sequence. */
async function highest(
  previous: Database,
  { tables }: Schema,
  { oid, increment }: Sequence,
): Promise<number[]> {
  const found: number[] = [];
  for (const table of tables) {
    for (const column of table.columns) {
      if (column.sequence !== oid || !isInteger(column.type)) continue;
      const query = `SELECT ${increment > 0 ? "max" : "min"}(${name(column.name)}) FROM public.${name(table.name)}`;
      const number = await valueOf<string | number | null>(previous, query);
      if (number != null) found.push(Number(number));
    }
  }
  return found;
}

/** Sequences that number the same column, by oid: a table that was made anew has one of its own. */
function feedingPairs(old: Schema, now: Schema): (readonly [number, number])[] {
  return matchTables(old.tables, now.tables).pairs.flatMap((tables) =>
    matchColumns(tables.before, tables.after).pairs.flatMap(({ before, after }) =>
      before.sequence !== null && after.sequence !== null
        ? [[before.sequence, after.sequence] as const]
        : [],
    ),
  );
}

function isSame(
  sequence: Sequence,
  other: Sequence,
  feeding: ReadonlyMap<number, number>,
): boolean {
  return (
    other.oid === sequence.oid ||
    other.name === sequence.name ||
    other.oid === feeding.get(sequence.oid)
  );
}
