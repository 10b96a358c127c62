import { type Assignment, type Expression, readPython } from "./python.ts";

export interface MigrationFile {
  readonly path: string;
  /** The application's folder. */
  readonly folder: string;
  readonly name: string;
}

/** A migration as its file says. Names of other migrations are "dem.0003_devise". */
export interface MigrationSource {
  readonly dependencies: readonly string[];
  readonly runBefore: readonly string[];
  readonly replaces: readonly string[];
  readonly atomic: boolean;
  readonly operations: readonly OperationSource[];
}

/** What of a column's definition matters to what is stored in it. */
export interface FieldDefinition {
  /** "demande.devise", in small letters. */
  readonly name: string;
  /** Django's class: "IntegerField". */
  readonly kind: string;
  readonly nullable: boolean;
}

export interface OperationSource extends MigrationOperation {
  /** Columns as they are after it: of what it adds, alters or creates. */
  readonly defines: readonly FieldDefinition[];
}

export interface MigrationOperation {
  /** Django's class: "AddField". */
  readonly kind: string;
  /** What it works on: "demande", "demande.devise"; null where that cannot be told. */
  readonly target: string | null;
  /** The class of the field it adds or alters: "IntegerField". */
  readonly field: string | null;
  readonly reversible: boolean;
  readonly risk: MigrationRisk | null;
}

/**
 * What to look at before trusting an operation. unknown: a program or statement of its own, only a rehearsal
 * shows what it does. removes: data goes. required: no empty values any more. converts: another type, which
 * the old version may not know. locks: the table is locked while it is read from the first row to the last.
 */
type MigrationRisk = "unknown" | "removes" | "required" | "converts" | "locks";

/** A module of a package named `migrations`; undefined for any other path. */
export function migrationFileOf(path: string): MigrationFile | undefined {
  const match = /^(.+)\/migrations\/([^/_~][^/]*)\.py$/.exec(path);
  return match ? { path, folder: match[1]!, name: match[2]! } : undefined;
}

/** The label of an application: what its AppConfig says, or the last part of its name. */
export function appLabel(folder: string, configuration: string): string {
  const classes = readPython(configuration).classes.map(({ assignments }) => assignments);
  const named = classes.filter((assignments) => textOf(assignments, "name") !== undefined);
  const chosen =
    named.find((assignments) => valueOf(assignments, "default")?.source === "True") ?? named[0];
  const name = (chosen && textOf(chosen, "name")) ?? folder;
  return (chosen && textOf(chosen, "label")) ?? name.split(/[./]/).at(-1) ?? folder;
}

/** Undefined for a module that holds no migration. */
export function readMigration(text: string, label: string): MigrationSource | undefined {
  const migration = readPython(text).classes.find(({ name }) => name === "Migration");
  if (!migration) return undefined;
  const { assignments } = migration;
  const names = (attribute: string) => itemsOf(assignments, attribute).flatMap(migrationName);
  return {
    dependencies: names("dependencies"),
    runBefore: names("run_before"),
    replaces: names("replaces").filter((name) => name.startsWith(`${label}.`)),
    atomic: valueOf(assignments, "atomic")?.source !== "False",
    operations: itemsOf(assignments, "operations").flatMap(operationsOf),
  };
}

function valueOf(assignments: readonly Assignment[], name: string): Expression | undefined {
  return assignments.findLast((assignment) => assignment.name === name)?.value;
}

function textOf(assignments: readonly Assignment[], name: string): string | undefined {
  const value = valueOf(assignments, name);
  return value?.kind === "text" ? value.text : undefined;
}

/** Elements of a list, those that are added to it later (`+=`) included. */
function itemsOf(assignments: readonly Assignment[], name: string): Expression[] {
  return assignments
    .filter((assignment) => assignment.name === name)
    .flatMap(({ value }) => (value.kind === "collection" ? value.items : [value]));
}

/** A pair of texts. What is asked of Django (`swappable_dependency`) is applied long before any of these. */
function migrationName(value: Expression): string[] {
  if (value.kind !== "collection") return [];
  const parts = value.items.flatMap((item) => (item.kind === "text" ? [item.text] : []));
  return parts.length === 2 ? [parts.join(".")] : [];
}

/** The argument that runs a data operation backwards; after the forward one, by position too. */
const backwards: Readonly<Record<string, string>> = {
  RunPython: "reverse_code",
  RunSQL: "reverse_sql",
};

const locking = new Set(["AddIndex", "AddConstraint", "AlterUniqueTogether", "AlterIndexTogether"]);

function operationsOf(value: Expression): OperationSource[] {
  if (value.kind !== "call") {
    const unreadable = { target: null, field: null, reversible: true, defines: [] };
    return [{ ...unreadable, kind: value.source, risk: "unknown" }];
  }
  const { name: kind, named, positional } = value;
  if (kind === "SeparateDatabaseAndState") {
    const inner = named["database_operations"] ?? positional[0];
    return inner?.kind === "collection" ? inner.items.flatMap(operationsOf) : [];
  }
  const reverse = backwards[kind];
  const reversible = !reverse || named[reverse] !== undefined || positional.length > 1;
  const defines = definitionsIn(value);
  const field = kind === "CreateModel" ? null : (defines[0]?.kind ?? null);
  const target = targetOf(value);
  return [{ kind, target, field, reversible, risk: riskOf(kind, defines), defines }];
}

type Call = Extract<Expression, { kind: "call" }>;

/** `model` or `model.field`, given by name or by position. */
function targetOf({ name, named, positional }: Call): string | null {
  if (name === "RunPython") return positional[0]?.source ?? named["code"]?.source ?? null;
  const texts = positional.flatMap((value) => (value.kind === "text" ? [value.text] : []));
  const text = (key: string) => (named[key]?.kind === "text" ? named[key].text : undefined);
  const old = text("old_name");
  const now = text("new_name");
  const model = text("model_name");
  const renamed = old !== undefined && now !== undefined ? `${old} → ${now}` : undefined;
  if (name.endsWith("Model") || name.startsWith("AlterModel")) {
    return renamed ?? text("name") ?? (texts.slice(0, 2).join(" → ") || null);
  }
  if (!/Field|Index|Constraint|Together/.test(name)) return null;
  const field = renamed ?? text("name");
  const parts = [model, field].filter((part) => part !== undefined);
  if (parts.length > 0) return [...parts, ...texts].join(".");
  return name === "RenameField" && texts.length === 3
    ? `${texts[0]}.${texts[1]} → ${texts[2]}`
    : texts.slice(0, 2).join(".") || null;
}

function definitionsIn(operation: Call): FieldDefinition[] {
  const { name, named, positional } = operation;
  if (name === "AddField" || name === "AlterField") {
    return definitionOf(targetOf(operation), named["field"] ?? positional[2]);
  }
  const fields = named["fields"] ?? positional[1];
  if (name !== "CreateModel" || fields?.kind !== "collection") return [];
  return fields.items.flatMap((item) => {
    const [field, definition] = item.kind === "collection" ? item.items : [];
    return field?.kind === "text"
      ? definitionOf(`${targetOf(operation)}.${field.text}`, definition)
      : [];
  });
}

function definitionOf(name: string | null, field: Expression | undefined): FieldDefinition[] {
  if (name === null || field?.kind !== "call") return [];
  const { name: kind, named } = field;
  // A relation to many has a table of its own, where nothing can be empty.
  const nullable = kind === "ManyToManyField" || named["null"]?.source === "True";
  return [{ name: name.toLowerCase(), kind, nullable }];
}

function riskOf(kind: string, defines: readonly FieldDefinition[]): MigrationRisk | null {
  if (kind in backwards) return "unknown";
  if (kind === "RemoveField" || kind === "DeleteModel") return "removes";
  if (locking.has(kind)) return "locks";
  return kind === "AddField" && defines.some(({ nullable }) => !nullable) ? "required" : null;
}

/** An operation on a column that is there, judged by how that column was defined until then. */
export function judgedBy(
  { defines, ...operation }: OperationSource,
  former: FieldDefinition | undefined,
): MigrationOperation {
  const [now] = defines;
  if (operation.kind !== "AlterField" || !now || !former) return operation;
  if (former.kind !== now.kind) {
    return { ...operation, field: `${former.kind} → ${now.kind}`, risk: "converts" };
  }
  return former.nullable && !now.nullable ? { ...operation, risk: "required" } : operation;
}
