import type { Column, Rule, Table } from "./schema.ts";

/** A thing on both sides. */
export interface Pair<Thing> {
  readonly before: Thing;
  readonly after: Thing;
}

interface Matched<Thing> {
  readonly pairs: readonly Pair<Thing>[];
  readonly gone: readonly Thing[];
  readonly come: readonly Thing[];
}

/**
 * Tables with the same content: the same one, whatever its name, or one that took another's name, as a
 * migration leaves them that copies everything to a new table.
 */
export function matchTables(before: readonly Table[], after: readonly Table[]): Matched<Table> {
  return match(before, after, [({ oid }) => oid, ({ name }) => name]);
}

/** Tables that were not there before, though one of their name may have been. */
export function madeAnew<One extends Pick<Table, "oid">>(
  before: readonly Pick<Table, "oid">[],
  after: readonly One[],
): One[] {
  const known = new Set(before.map(({ oid }) => oid));
  return after.filter(({ oid }) => !known.has(oid));
}

/** Columns with the same content, in the same way; those of another table have numbers of their own. */
export function matchColumns(before: Table, after: Table): Matched<Column> {
  const number = (column: Column) => column.number;
  const name = (column: Column) => column.name;
  return match(before.columns, after.columns, before.oid === after.oid ? [number, name] : [name]);
}

/**
 * Constraints or indexes that demand the same: Django makes them anew under other names.
 * @param options.otherTable they are of tables whose columns may have other numbers, which signatures tell them by
 */
export function matchRules<Kind extends Rule>(
  before: readonly Kind[],
  after: readonly Kind[],
  { otherTable = false }: { readonly otherTable?: boolean } = {},
): Matched<Kind> {
  const oid = (rule: Kind) => rule.oid;
  const signature = (rule: Kind) => rule.signature;
  const definition = (rule: Kind) => rule.definition;
  const byContent = otherTable ? [definition, signature] : [signature, definition];
  return match(before, after, [oid, ...byContent]);
}

/** What both demand, and the new version less strictly: texts that it tells apart may be the same to the old one. */
export function looserRules<Kind extends Rule>({ pairs }: Pick<Matched<Kind>, "pairs">): Kind[] {
  return pairs.flatMap(({ before, after }) =>
    before.sorting !== "" && before.sorting !== after.sorting ? [before] : [],
  );
}

/** Pairs what has the same first key, then, of what is left, the same second key, and so on. */
function match<Thing>(
  before: readonly Thing[],
  after: readonly Thing[],
  keys: readonly ((thing: Thing) => string | number)[],
): Matched<Thing> {
  const pairs = new Map<Thing, Thing>();
  const left = new Set(after);
  for (const key of keys) {
    const waiting = Map.groupBy(left, key);
    for (const one of before) {
      if (pairs.has(one)) continue;
      const other = waiting.get(key(one))?.shift();
      if (other === undefined) continue;
      pairs.set(one, other);
      left.delete(other);
    }
  }
  return {
    pairs: [...pairs].map(([before, after]) => ({ before, after })),
    gone: before.filter((one) => !pairs.has(one)),
    come: [...left],
  };
}
