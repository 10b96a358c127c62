import { byName, type Column, type Rule, type Schema, type Table } from "./schema.ts";
import { matchRules } from "./schema-match.ts";

/** Who did it: a migration, or BiomAid by itself when it boots (its external tables). */
export type Author = "migration" | "boot";

/** A difference of two schemas. */
export type SchemaChange = { readonly table: string; readonly by: Author } & (
  | { readonly kind: "table-added" | "table-dropped" }
  | { readonly kind: "table-renamed"; readonly from: string }
  | {
      readonly kind: "column-added";
      readonly column: string;
      readonly type: string;
      readonly notNull: boolean;
      /** The database fills it when a row leaves it out: a default, an identity, a generation rule. */
      readonly hasDefault: boolean;
    }
  | { readonly kind: "column-dropped"; readonly column: string; readonly type: string }
  | { readonly kind: "column-renamed"; readonly column: string; readonly from: string }
  | {
      readonly kind: "type-changed";
      readonly column: string;
      readonly from: string;
      readonly to: string;
    }
  | { readonly kind: "null-forbidden" | "null-allowed"; readonly column: string }
  | {
      readonly kind: "default-changed";
      readonly column: string;
      readonly from: string | null;
      readonly to: string | null;
    }
  | {
      readonly kind: "constraint-added" | "constraint-dropped" | "index-added" | "index-dropped";
      readonly name: string;
      readonly definition: string;
    }
);

/** A change without the table and the author, which are added at one place. */
type Detail = SchemaChange extends infer Change
  ? Change extends SchemaChange
    ? Omit<Change, "table" | "by">
    : never
  : never;

/**
 * What differs between two readings of one database, by table. A table or column is the same one
 * however it is called, and another one when it was dropped and made again. A constraint or an index
 * that only has another name is no difference: Django derives names from hashes.
 */
export function schemaChanges(before: Schema, after: Schema, by: Author): SchemaChange[] {
  const earlier = new Map(before.tables.map((table) => [table.oid, table]));
  const later = new Set(after.tables.map(({ oid }) => oid));
  const dropped = before.tables
    .filter(({ oid }) => !later.has(oid))
    .map(({ name }) => ({ name, details: [{ kind: "table-dropped" } as const] }));
  const present = after.tables.map((table) => {
    const was = earlier.get(table.oid);
    const details: Detail[] = was ? tableChanges(was, table) : [{ kind: "table-added" }];
    return { name: table.name, details };
  });
  // Sorting is stable: what was dropped comes before what took its name.
  return [...dropped, ...present]
    .sort(byName)
    .flatMap(({ name, details }) => details.map((detail) => ({ table: name, by, ...detail })));
}

function tableChanges(was: Table, is: Table): Detail[] {
  const earlier = new Map(was.columns.map((column) => [column.number, column]));
  const later = new Set(is.columns.map(({ number }) => number));
  return [
    ...(was.name === is.name ? [] : [{ kind: "table-renamed", from: was.name } as const]),
    ...was.columns
      .filter(({ number }) => !later.has(number))
      .map(({ name, type }): Detail => ({ kind: "column-dropped", column: name, type })),
    ...is.columns.flatMap((column) => {
      const old = earlier.get(column.number);
      return old ? columnChanges(old, column) : [added(column)];
    }),
    ...ruleChanges(was.constraints, is.constraints, "constraint"),
    ...ruleChanges(was.indexes, is.indexes, "index"),
  ];
}

function added(column: Column): Detail {
  return {
    kind: "column-added",
    column: column.name,
    type: column.type,
    notNull: column.notNull,
    hasDefault: filling(column) !== null,
  };
}

function columnChanges(was: Column, is: Column): Detail[] {
  const column = is.name;
  const details: Detail[] = [];
  if (was.name !== column) details.push({ kind: "column-renamed", column, from: was.name });
  if (was.type !== is.type) {
    details.push({ kind: "type-changed", column, from: was.type, to: is.type });
  }
  if (was.notNull !== is.notNull) {
    details.push({ kind: is.notNull ? "null-forbidden" : "null-allowed", column });
  }
  const [from, to] = [filling(was), filling(is)];
  if (from !== to && !sameSequence(was, is)) {
    details.push({ kind: "default-changed", column, from, to });
  }
  return details;
}

/** What the database puts in when a row leaves it out, as PostgreSQL writes it. */
function filling({ default: expression, identity, generated }: Column): string | null {
  if (identity !== null) return `GENERATED ${identity.toUpperCase()} AS IDENTITY`;
  return generated ? `GENERATED ALWAYS AS (${expression}) STORED` : expression;
}

/** A sequence that only has another name changes the text of the default. */
function sameSequence(was: Column, is: Column): boolean {
  const plain = /^nextval\('[^']*'::regclass\)$/;
  return (
    was.sequence !== null &&
    was.sequence === is.sequence &&
    [was, is].every(({ default: expression }) => plain.test(expression ?? ""))
  );
}

function ruleChanges(
  was: readonly Rule[],
  is: readonly Rule[],
  what: "constraint" | "index",
): Detail[] {
  const { gone, come } = matchRules(was, is);
  return [
    ...gone.map(({ name, definition }): Detail => ({ kind: `${what}-dropped`, name, definition })),
    ...come.map(({ name, definition }): Detail => ({ kind: `${what}-added`, name, definition })),
  ];
}
