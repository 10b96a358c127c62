import {
  appLabel,
  type FieldDefinition,
  judgedBy,
  type MigrationFile,
  migrationFileOf,
  type MigrationOperation,
  type MigrationSource,
  readMigration,
} from "./migration-file.ts";
import type { Files } from "./changed-files.ts";

export interface PlannedMigration {
  /** "dem.0003_devise" */
  readonly name: string;
  /** Its application is new: tables are created, nothing that is there changes. */
  readonly newApplication: boolean;
  readonly atomic: boolean;
  /** As far as can be told without running it. */
  readonly reversible: boolean;
  readonly operations: readonly MigrationOperation[];
}

/** A tree of BiomAid. */
export interface Tree {
  readonly files: Files;
  read(path: string): Promise<string>;
}

/**
 * The migrations a release would apply, in the order of its dependencies.
 *
 * Which applications are installed cannot be known without running BiomAid. One that has migrations in the
 * serving tree and none of them applied is not; one that the serving tree has not is taken to be.
 * @param applied migrations of the serving database: "dem.0003_devise"
 */
export async function migrationsToCome(
  target: Tree,
  serving: Files,
  applied: ReadonlySet<string>,
): Promise<PlannedMigration[]> {
  const known = new Set([...migrationFilesIn(serving)].map(({ folder }) => folder));
  const migrations = new Map<string, MigrationSource & { readonly newApplication: boolean }>();
  const fields = new Map<string, FieldDefinition>();
  for (const [folder, files] of Map.groupBy(migrationFilesIn(target.files), (one) => one.folder)) {
    const configuration = `${folder}/apps.py`;
    const label = appLabel(
      folder,
      target.files.has(configuration) ? await target.read(configuration) : "",
    );
    const started = [...applied].some((name) => name.startsWith(`${label}.`));
    if (!started && known.has(folder)) continue;
    const pending = files.filter(({ name }) => !applied.has(`${label}.${name}`));
    for (const { path, name } of pending) {
      const migration = readMigration(await target.read(path), label);
      if (migration) migrations.set(`${label}.${name}`, { ...migration, newApplication: !started });
    }
    const alters = pending.some(({ name }) =>
      migrations.get(`${label}.${name}`)?.operations.some(({ kind }) => kind === "AlterField"),
    );
    // What a column was until now is only asked for by what alters it, and takes a while to read.
    const done = alters ? files.filter((file) => !pending.includes(file)) : [];
    for (const { path } of done.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
      const migration = readMigration(await target.read(path), label);
      if (migration) define(migration, label, fields);
    }
  }
  settleSquashed(migrations, applied);
  return inOrder(migrations).map((name) => {
    const migration = migrations.get(name)!;
    const [label = ""] = name.split(".");
    const operations = migration.operations.map((operation) =>
      judgedBy(operation, fields.get(`${label}.${operation.defines[0]?.name}`)),
    );
    define(migration, label, fields);
    const { atomic, newApplication } = migration;
    const reversible = operations.every((operation) => operation.reversible);
    return { name, newApplication, atomic, reversible, operations };
  });
}

function define(
  { operations }: MigrationSource,
  label: string,
  fields: Map<string, FieldDefinition>,
): void {
  for (const { defines } of operations) {
    for (const definition of defines) fields.set(`${label}.${definition.name}`, definition);
  }
}

function migrationFilesIn(files: Files): MigrationFile[] {
  return [...files.keys()].flatMap((path) => migrationFileOf(path) ?? []);
}

/**
 * As Django does: a squashed migration stands for those it replaces as long as none of them is applied; with
 * some applied the others are, and with all of them it counts as applied itself.
 */
function settleSquashed(
  migrations: Map<string, MigrationSource>,
  applied: ReadonlySet<string>,
): void {
  for (const [name, { replaces }] of migrations) {
    if (replaces.length === 0) continue;
    const unused = replaces.some((replaced) => applied.has(replaced)) ? [name] : replaces;
    for (const one of unused) migrations.delete(one);
  }
}

/** Each after those it needs; among equals by name, as Django walks them. */
function inOrder(migrations: ReadonlyMap<string, MigrationSource>): string[] {
  const needs = new Map<string, string[]>();
  const add = (name: string, needed: string) => {
    for (const one of meant(needed, migrations)) needs.set(name, [...(needs.get(name) ?? []), one]);
  };
  for (const [name, { dependencies, runBefore }] of migrations) {
    for (const needed of dependencies) add(name, needed);
    for (const later of runBefore) for (const one of meant(later, migrations)) add(one, name);
  }
  const order = new Set<string>();
  const begun = new Set<string>();
  const visit = (name: string) => {
    if (begun.has(name)) return;
    begun.add(name);
    for (const needed of (needs.get(name) ?? []).sort()) visit(needed);
    order.add(name);
  };
  for (const name of [...migrations.keys()].sort()) visit(name);
  return [...order];
}

/** The pending migrations a dependency names: `__first__` and `__latest__` of an application, one squashed. */
function meant(name: string, migrations: ReadonlyMap<string, MigrationSource>): string[] {
  if (migrations.has(name)) return [name];
  const [label = ""] = name.split(".");
  const ofLabel = [...migrations.keys()].filter((key) => key.startsWith(`${label}.`)).sort();
  if (name.endsWith(".__first__")) return ofLabel.slice(0, 1);
  if (name.endsWith(".__latest__")) return ofLabel.slice(-1);
  return ofLabel.filter((key) => migrations.get(key)?.replaces.includes(name));
}
