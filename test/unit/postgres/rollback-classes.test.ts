import { describe, expect, test } from "vitest";
import { type RollbackMap, rollbackClasses } from "../../../src/postgres/rollback-classes.ts";
import type { Column, Constraint, Index, Schema, Table } from "../../../src/postgres/schema.ts";

type Changed<Thing> = Partial<Thing> & { readonly name: string };

const column = (number: number, name: string, changed: Partial<Column> = {}): Column => ({
  number,
  name,
  type: "integer",
  notNull: false,
  default: null,
  identity: null,
  generated: false,
  sequence: null,
  ...changed,
});

const rule = {
  oid: 1,
  definition: "…",
  signature: "…",
  columns: [2],
  nullsPass: false,
  sorting: "",
  references: null,
};

const constraint = (changed: Changed<Constraint>): Constraint => ({
  ...rule,
  kind: "check",
  validated: true,
  keys: [],
  ...changed,
});

const index = (changed: Changed<Index>): Index => ({
  ...rule,
  unique: true,
  takesAll: true,
  ...changed,
});

const id = column(1, "id", { notNull: true, identity: "by default" });

/** A table with a key `id` and one more column. */
const table = (changed: Partial<Table> = {}): Table => ({
  oid: 100,
  name: "request",
  partitioning: null,
  columns: [id, column(2, "x")],
  constraints: [],
  indexes: [],
  primaryKey: [1],
  replicaIdentity: "default",
  logged: true,
  firing: [],
  file: 100,
  empty: false,
  ...changed,
});

const x = (changed: Partial<Column>) => table({ columns: [id, column(2, "x", changed)] });

const schema = (tables: readonly Table[], types: Schema["types"] = {}): Schema => ({
  tables,
  sequences: [],
  types,
});

const untouched = { changed: [], added: [] };

const noKey = { primaryKey: [] };

const key = (...numbers: number[]) => ({ primaryKey: numbers });

describe("what the old version could take of a table:", () => {
  test.each<[string, Table, Table, string, object[]]>([
    ["everything, when nothing changed", table(), table(), "lossless", []],
    ["everything, when its name is another", table(), table({ name: "demand" }), "lossless", []],
    ["no changes without a key", table(noKey), table(noKey), "impossible", [{ kind: "no-key" }]],
    [
      "no changes without a key of its own",
      table(noKey),
      table(),
      "impossible",
      [{ kind: "no-key" }],
    ],
    [
      "no changes when the new key is a column it does not have",
      table({ columns: [column(2, "x")], ...key(2) }),
      table(),
      "impossible",
      [{ kind: "no-key" }, { kind: "column-unknown", column: "id" }],
    ],
    [
      "no changes when the new key goes on in a column it does not have",
      table(),
      table({ columns: [id, column(2, "x"), column(3, "y")], ...key(1, 3) }),
      "impossible",
      [{ kind: "no-key" }, { kind: "column-unknown", column: "y" }],
    ],
    [
      "no changes when its own key is no part of the new one",
      table(key(2)),
      table(),
      "impossible",
      [{ kind: "no-key" }],
    ],
    [
      "no changes when all columns together stand for the key",
      table(noKey),
      table({ primaryKey: [], replicaIdentity: "full" }),
      "impossible",
      [{ kind: "no-key" }],
    ],
    [
      "no changes when the key is switched off",
      table(),
      table({ replicaIdentity: "nothing" }),
      "impossible",
      [{ kind: "no-key" }],
    ],
    [
      "all but a column it does not have",
      table(),
      table({ columns: [id, column(2, "x"), column(3, "y")] }),
      "lossy",
      [{ kind: "column-unknown", column: "y" }],
    ],
    [
      "everything, when the column it does not have is computed",
      table(),
      table({ columns: [id, column(2, "x"), column(3, "y", { generated: true, default: "1" })] }),
      "lossless",
      [],
    ],
    [
      "nothing, when a column it requires is gone",
      x({ notNull: true }),
      table({ columns: [id] }),
      "lossy",
      [{ kind: "column-required", column: "x" }],
    ],
    ...[{}, { notNull: true, default: "0" }, { notNull: true, identity: "always" as const }].map(
      (gone): [string, Table, Table, string, object[]] => [
        `everything, when a column it fills by itself is gone (${JSON.stringify(gone)})`,
        x(gone),
        table({ columns: [id] }),
        "lossless",
        [{ kind: "column-gone", column: "x" }],
      ],
    ),
    [
      "everything, when a column has another name",
      table(),
      table({ columns: [id, column(2, "y")] }),
      "lossless",
      [],
    ],
    [
      "nothing, when a column it requires was dropped and another added",
      x({ notNull: true }),
      table({ columns: [id, column(3, "y", { notNull: true })] }),
      "lossy",
      [
        { kind: "column-unknown", column: "y" },
        { kind: "column-required", column: "x" },
      ],
    ],
    [
      "no NULL, where it forbids it",
      x({ notNull: true, default: "0" }),
      table(),
      "lossy",
      [{ kind: "null", column: "x" }],
    ],
    ["everything, when NULL is forbidden now", table(), x({ notNull: true }), "lossless", []],
    [
      "no value of a column that one side computes",
      table(),
      x({ generated: true, default: "1" }),
      "lossy",
      [{ kind: "type", column: "x", old: "integer", new: "integer GENERATED ALWAYS AS (1)" }],
    ],
    [
      "everything, when both sides compute the column",
      x({ generated: true, default: "1" }),
      x({ generated: true, default: "1" }),
      "lossless",
      [],
    ],
    [
      "no row for which its own rule for a column fails",
      x({ generated: true, default: "1" }),
      x({ generated: true, default: "2" }),
      "lossy",
      [
        {
          kind: "type",
          column: "x",
          old: "integer GENERATED ALWAYS AS (1)",
          new: "integer GENERATED ALWAYS AS (2)",
        },
      ],
    ],
    [
      "no row for which it cannot compute a column that is gone",
      x({ generated: true, default: "1" }),
      table({ columns: [id] }),
      "lossy",
      [{ kind: "column-required", column: "x" }],
    ],
    [
      "no row that breaks a constraint that is gone",
      table({ constraints: [constraint({ name: "positive" })] }),
      table(),
      "lossy",
      [{ kind: "constraint", name: "positive", definition: "…" }],
    ],
    [
      "everything, when a constraint only has another name",
      table({ constraints: [constraint({ name: "positive" })] }),
      table({ constraints: [constraint({ name: "positive_0a1b", oid: 2 })] }),
      "lossless",
      [],
    ],
    [
      "everything, when there are more constraints now",
      table(),
      table({
        constraints: [constraint({ name: "positive" })],
        indexes: [index({ name: "once" })],
      }),
      "lossless",
      [],
    ],
    [
      "no row that breaks a unique index that is gone",
      table({ indexes: [index({ name: "once" })] }),
      table({
        indexes: [
          index({ name: "once", oid: 2, signature: "other", definition: "other", unique: false }),
        ],
      }),
      "lossy",
      [{ kind: "constraint", name: "once", definition: "…" }],
    ],
    [
      "no value that is too long for an index that is gone",
      table({ indexes: [index({ name: "fast", unique: false, takesAll: false })] }),
      table(),
      "lossy",
      [{ kind: "index", name: "fast", definition: "…" }],
    ],
    [
      "everything, when an index is gone with its column",
      table({ indexes: [index({ name: "fast", unique: false, takesAll: false })] }),
      table({ columns: [id] }),
      "lossless",
      [{ kind: "column-gone", column: "x" }],
    ],
    [
      "no text that its collation takes for another one",
      table({ constraints: [constraint({ name: "once", kind: "unique", sorting: "ci" })] }),
      table({ constraints: [constraint({ name: "once", kind: "unique" })] }),
      "lossy",
      [{ kind: "constraint", name: "once", definition: "…" }],
    ],
    [
      "everything, when more texts are the same now",
      table({ constraints: [constraint({ name: "once", kind: "unique" })] }),
      table({ constraints: [constraint({ name: "once", kind: "unique", sorting: "ci" })] }),
      "lossless",
      [],
    ],
    [
      "no changes, when its collation takes a key for another one",
      table({ constraints: [constraint({ name: "key", kind: "primary", sorting: "ci" })] }),
      table({ constraints: [constraint({ name: "key", kind: "primary" })] }),
      "impossible",
      [{ kind: "no-key" }, { kind: "constraint", name: "key", definition: "…" }],
    ],
    [
      "nothing of what is not logged",
      table(),
      table({ logged: false }),
      "impossible",
      [{ kind: "unlogged" }],
    ],
    [
      "nothing of what was not logged",
      table({ logged: false }),
      table(),
      "impossible",
      [{ kind: "unlogged" }],
    ],
    [
      "everything, when an index that only makes searches fast is gone",
      table({ indexes: [index({ name: "fast", unique: false })] }),
      table(),
      "lossless",
      [],
    ],
    [
      "everything, when a foreign key is gone together with its column",
      table({ constraints: [constraint({ name: "fk", kind: "foreign", nullsPass: true })] }),
      table({ columns: [id] }),
      "lossless",
      [{ kind: "column-gone", column: "x" }],
    ],
    [
      "nothing twice, when a column that must be unique is gone and is filled",
      {
        ...x({ notNull: true, default: "0" }),
        constraints: [constraint({ name: "once", kind: "unique", nullsPass: true })],
      },
      table({ columns: [id] }),
      "lossy",
      [
        { kind: "column-gone", column: "x" },
        { kind: "constraint", name: "once", definition: "…" },
      ],
    ],
    [
      "nothing of a table with partitions",
      table({ partitioning: "RANGE (x): FOR VALUES FROM (0) TO (1)" }),
      table({ partitioning: "RANGE (x): FOR VALUES FROM (0) TO (1)" }),
      "impossible",
      [{ kind: "partitioned" }],
    ],
    [
      "nothing, when a rule is gone that is only checked at the end of a transaction",
      table({
        constraints: [
          constraint({ name: "once", kind: "unique", definition: "UNIQUE (x) DEFERRABLE" }),
        ],
      }),
      table(),
      "impossible",
      [{ kind: "constraint", name: "once", definition: "UNIQUE (x) DEFERRABLE" }],
    ],
  ])("%s", (_, old, now, expected, reasons) => {
    expect(rollbackClasses(schema([old]), schema([now]), untouched)).toEqual([
      { table: now.name, class: expected, reasons },
    ]);
  });
});

describe("with an expression of the site for x it takes:", () => {
  const classOf = (old: Table, now: Table, map: RollbackMap) =>
    rollbackClasses(schema([old]), schema([now]), untouched, map)[0];
  const map = { request: { x: "'something'" } };

  test.each([
    ["a required column that is gone", x({ notNull: true }), table({ columns: [id] })],
    ["a column of another type", x({ type: "integer" }), x({ type: "text" })],
    ["a column that may now be empty", x({ notNull: true }), x({})],
    ["a table with another name", x({ notNull: true }), table({ name: "demand", columns: [id] })],
  ])("%s", (_, old, now) => {
    expect(classOf(old, now, map)).toMatchObject({
      class: "lossless",
      reasons: [{ kind: "mapped", column: "x" }],
    });
  });

  test("not what is expressed for another column or table", () => {
    const required = x({ notNull: true });
    const gone = table({ columns: [id] });
    expect(classOf(required, gone, { request: { y: "1" } })?.class).toBe("lossy");
    expect(classOf(required, gone, { demand: { x: "1" } })?.class).toBe("lossy");
  });

  test("never its key", () => {
    const old = table({ columns: [column(1, "id", { type: "uuid" }), column(2, "x")] });
    expect(classOf(old, table(), { request: { id: "1" } })?.class).toBe("impossible");
  });
});

const varchar = (length: number) => `character varying(${length})`;

describe("values of a type it takes:", () => {
  const reasons = (old: string, now: string) =>
    rollbackClasses(schema([x({ type: old })]), schema([x({ type: now })]), untouched)[0]?.reasons;

  test.each([
    ["text", varchar(30)],
    ["text", "character varying"],
    ["character varying", "text"],
    [varchar(50), varchar(30)],
    ["integer", "smallint"],
    ["bigint", "integer"],
    ["text", "bigint"],
    ["character varying(11)", "integer"],
    ["numeric", "bigint"],
    ["numeric", "numeric(8,2)"],
    ["numeric(10,2)", "numeric(8,2)"],
    ["numeric(12,2)", "integer"],
  ])("%s takes %s", (old, now) => {
    expect(reasons(old, now)).toEqual([]);
  });

  test.each([
    [varchar(30), varchar(50)],
    [varchar(30), "text"],
    [varchar(30), "character(10)"],
    ["character(30)", varchar(30)],
    ["smallint", "integer"],
    ["integer", "bigint"],
    ["character varying(10)", "integer"],
    ["bigint", "numeric"],
    ["bigint", "numeric(3,0)"],
    ["numeric(8,2)", "numeric(8,3)"],
    ["numeric(8,2)", "numeric(9,2)"],
    ["numeric(10,2)", "integer"],
    ["numeric(10,2)", "numeric"],
    ["boolean", "integer"],
    ["integer", "boolean"],
    ["date", "timestamp with time zone"],
    ["json", "jsonb"],
    ["real", "double precision"],
  ])("%s does not take all of %s", (old, now) => {
    expect(reasons(old, now)).toEqual([{ kind: "type", column: "x", old, new: now }]);
  });

  test("a large object's number is kept, the object is not", () => {
    expect(reasons("oid", "oid")).toEqual([{ kind: "large-object", column: "x" }]);
  });

  test("an enum or domain of the same name takes what it says it does", () => {
    const moods = x({ type: "mood[]" });
    const classOf = (types: Schema["types"]) =>
      rollbackClasses(schema([moods], { mood: "'good'" }), schema([moods], types), untouched)[0]
        ?.class;
    expect(classOf({ mood: "'good'" })).toBe("lossless");
    expect(classOf({ mood: "'good', 'bad'" })).toBe("lossy");
  });
});

test("tells tables by what they are, leaves Django's list of migrations out, and puts the worst first", () => {
  const named = (name: string, oid: number, changed: Partial<Table> = {}) =>
    table({ name, oid, ...changed });
  const old = schema([
    named("django_migrations", 1),
    named("fine", 2),
    named("again", 3),
    named("was", 4),
    named("gone", 5),
    named("keyless", 8),
  ]);
  const now = schema([
    named("Fine too", 7, noKey),
    named("again", 6),
    named("django_migrations", 1),
    named("fine", 2),
    named("is", 4),
    named("keyless", 8, noKey),
  ]);
  expect(rollbackClasses(old, now, untouched)).toEqual([
    { table: "keyless", class: "impossible", reasons: [{ kind: "no-key" }] },
    { table: "Fine too", class: "lossy", reasons: [{ kind: "table-unknown" }] },
    { table: "again", class: "lossless", reasons: [] },
    { table: "fine", class: "lossless", reasons: [] },
    { table: "is", class: "lossless", reasons: [] },
  ]);
});

test("what refers to rows that may be missing is lossy as well, and what refers to that", () => {
  const reference = (references: number) =>
    constraint({ name: `to_${references}`, kind: "foreign", nullsPass: true, references });
  const tables = [
    table({ name: "group", oid: 1 }),
    table({ name: "member", oid: 2, constraints: [reference(1)] }),
    table({ name: "note", oid: 3, constraints: [reference(2), reference(3)] }),
    table({ name: "alone", oid: 4, constraints: [reference(4)] }),
  ];
  const classes = rollbackClasses(schema(tables), schema(tables), {
    changed: [],
    added: ["group"],
  });
  expect(classes).toEqual([
    { table: "group", class: "lossy", reasons: [{ kind: "rows-changed" }] },
    { table: "member", class: "lossy", reasons: [{ kind: "referring", to: "group" }] },
    { table: "note", class: "lossy", reasons: [{ kind: "referring", to: "member" }] },
    { table: "alone", class: "lossless", reasons: [] },
  ]);
});
