import type { Database } from "./connect.ts";
import { schemaQuery, sequencesQuery, typesQuery, tablesQuery } from "./schema-queries.ts";
import { inTransaction } from "./transaction.ts";

/** What `public` holds; extensions' own objects and single partitions left out. Plain JSON. */
export interface Schema {
  /** By name. */
  readonly tables: readonly Table[];
  /** By name. */
  readonly sequences: readonly Sequence[];
  /** What the enums and domains of the database admit, by name. */
  readonly types: Readonly<Record<string, string>>;
}

export interface Table {
  /** Survives a rename. */
  readonly oid: number;
  readonly name: string;
  /** How it is divided and into what; null when it is not. */
  readonly partitioning: string | null;
  readonly columns: readonly Column[];
  /** By name. */
  readonly constraints: readonly Constraint[];
  /** Those that no constraint made, by name. */
  readonly indexes: readonly Index[];
  /** Numbers of its columns, in the key's order; empty when there is none. */
  readonly primaryKey: readonly number[];
  /** By what replication tells its rows apart; nothing when it cannot. */
  readonly replicaIdentity: "default" | "nothing" | "full" | "index";
  /** What is not (UNLOGGED) is in no copy, and cannot be replicated. */
  readonly logged: boolean;
  /** Triggers and rules that act on what arrives by replication as well. */
  readonly firing: readonly Firing[];
  /** Number of its file, another one when it was emptied or rewritten. */
  readonly file: number;
  readonly empty: boolean;
}

export interface Firing {
  readonly kind: "TRIGGER" | "RULE";
  readonly name: string;
  readonly enabled: "ALWAYS" | "REPLICA";
}

export interface Column {
  /** Survives a rename; a column that is dropped and added again has another. */
  readonly number: number;
  readonly name: string;
  /** As PostgreSQL writes it: "character varying(30)". */
  readonly type: string;
  readonly notNull: boolean;
  /** Expression of the default, or of the rule that generates the column. */
  readonly default: string | null;
  readonly identity: "always" | "by default" | null;
  readonly generated: boolean;
  /** The sequence its default or identity takes numbers from. */
  readonly sequence: number | null;
}

/** A constraint or an index. */
export interface Rule {
  readonly oid: number;
  readonly name: string;
  /** As PostgreSQL writes it. */
  readonly definition: string;
  /** What it demands, whatever it and the tables and columns it concerns are called. */
  readonly signature: string;
  /** Numbers of its columns; 0 stands for an expression. */
  readonly columns: readonly number[];
  /** A row with NULL in one of the columns satisfies it. */
  readonly nullsPass: boolean;
  /** The collations that decide whether a row satisfies it; empty when bytes do. */
  readonly sorting: string;
}

export interface Constraint extends Rule {
  readonly kind: "primary" | "unique" | "foreign" | "check" | "exclusion";
  /** False: rows from before it may violate it. */
  readonly validated: boolean;
  /** Oid of the table a foreign key leads to. */
  readonly references: number | null;
  /** Numbers of the columns there. */
  readonly keys: readonly number[];
}

export interface Index extends Rule {
  readonly unique: boolean;
  /** It is unique, or no value is too long for it and it computes nothing that may fail. */
  readonly takesAll: boolean;
}

export interface Sequence {
  readonly oid: number;
  readonly name: string;
  readonly increment: number;
  readonly least: number;
  readonly greatest: number;
  /** Null before its first number. */
  readonly last: number | null;
}

/** Reads the tables and sequences of `public`, from the catalogue alone: no row is read. */
export async function readSchema(database: Database): Promise<Schema> {
  return await inTransaction(database, async () => {
    // Compiling what is asked once takes longer than answering it.
    await database.query("SET LOCAL jit = off");
    const tables = await database.query<{ table: Table }>(schemaQuery);
    const sequences = await database.query<{ sequence: Sequence }>(sequencesQuery);
    const types = await database.query<{ name: string; admits: string }>(typesQuery);
    return {
      tables: tables.rows.map(({ table }) => table),
      sequences: sequences.rows.map(({ sequence }) => sequence),
      types: Object.fromEntries(types.rows.map(({ name, admits }) => [name, admits])),
    };
  });
}

/** Orders by name, whatever the operator's language. */
/** Its tables alone, which costs much less. */
export async function listTables(database: Database): Promise<Pick<Table, "oid" | "name">[]> {
  const { rows } = await database.query<{ table: Pick<Table, "oid" | "name"> }>(tablesQuery);
  return rows.map(({ table }) => table);
}

export function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name === other.name ? 0 : one.name < other.name ? -1 : 1;
}
