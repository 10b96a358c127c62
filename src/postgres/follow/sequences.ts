import { escapeIdentifier as name } from "pg";
import type { Database } from "../connect.ts";
import { matchColumns, matchTables } from "../schema-match.ts";
import { readSchema, type Schema, type Sequence } from "../schema.ts";

/** Lets new rows be inserted at once: numbers given out since the swap are not replicated with the rows. */
export async function advanceSequences(serving: Database, previous: Database): Promise<void> {
  const [now, old] = [await readSchema(serving), await readSchema(previous)];
  const feeding = new Map(feedingPairs(old, now));
  for (const sequence of old.sequences) {
    const last = [sequence, ...now.sequences.filter((other) => isSame(sequence, other, feeding))]
      .map((one) => one.last)
      .filter((one) => one !== null);
    if (last.length === 0) continue;
    await previous.query("SELECT setval($1::regclass, $2)", [
      `public.${name(sequence.name)}`,
      sequence.increment > 0 ? Math.max(...last) : Math.min(...last),
    ]);
  }
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
