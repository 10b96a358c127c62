import { type Expression, type PythonModule, readPython } from "./python.ts";

/** The two tags' example settings, set against the site's own file. Values are the examples', never the site's. */
export interface SettingsComparison {
  /** Files of BiomAid's tree that were compared. */
  readonly files: readonly string[];
  readonly changes: readonly {
    readonly file: string;
    readonly name: string;
    readonly kind: Kind;
    readonly before: string | null;
    readonly after: string | null;
    /** The site's own file sets it. */
    readonly inSite: boolean;
  }[];
}

/**
 * Where BiomAid shows what a site may set: its example of a site, its example of local settings, and its
 * own settings, from which names move into the other two. The settings of its tests are no example.
 */
export const exampleSettings = [
  "example_instance_settings.py",
  "local_biomaid/settings.py",
  "settings/__init__.py",
] as const;

/** A file at both releases; undefined where it is not there. */
export interface SettingsFile {
  readonly file: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Characters of a value that are shown. */
const longestValue = 200;

/**
 * What is new, gone or changed in the example settings. A file that only one release has is no
 * difference of settings: everything in it would look new, or gone.
 * @param site the site's own file; only the names in it are looked at
 */
export function compareSettings(files: readonly SettingsFile[], site: string): SettingsComparison {
  const own = namesIn(readPython(site));
  const compared: string[] = [];
  const changes: SettingsComparison["changes"][number][] = [];
  for (const { file, before, after } of files) {
    if (before === undefined || after === undefined) continue;
    compared.push(file);
    for (const { name, kind, was, is } of differences(before, after)) {
      changes.push({ file, name, kind, ...shown(was, is), inSite: own.has(name) });
    }
  }
  return { files: compared, changes };
}

/** Names that two versions of a site's settings do not set alike. Their values may be secrets. */
export function changedNames(before: string, after: string): ChangedNames {
  const changes = differences(before, after);
  const named = (kind: Kind) =>
    changes.filter((change) => change.kind === kind).map(({ name }) => name);
  return { added: named("added"), removed: named("removed"), changed: named("changed") };
}

type Kind = "added" | "removed" | "changed";

export type ChangedNames = Readonly<Record<Kind, readonly string[]>>;

/** Everything a file assigns to one name, in order. */
type Values = readonly { readonly operator: string; readonly value: Expression }[];

/** Only names in capitals are settings to Django. */
const settingName = /^[A-Z][A-Z0-9_]*$/;

/** What is not set alike, by name. */
function differences(before: string, after: string) {
  const [old, now] = [settingsIn(before), settingsIn(after)];
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((name) => {
    const [was, is] = [old.get(name), now.get(name)];
    if (textOf(was) === textOf(is)) return [];
    const kind: Kind = was === undefined ? "added" : is === undefined ? "removed" : "changed";
    return [{ name, kind, was, is }];
  });
}

function settingsIn(text: string): ReadonlyMap<string, Values> {
  const settings = readPython(text).assignments.filter(({ name }) => settingName.test(name));
  return Map.groupBy(settings, ({ name }) => name);
}

function namesIn({ assignments, altered }: PythonModule): ReadonlySet<string> {
  return new Set([...assignments.map(({ name }) => name), ...altered]);
}

function textOf(values: Values | undefined): string | null {
  if (values === undefined) return null;
  return values
    .map(({ operator, value }) => (operator === "=" ? "" : `${operator} `) + value.source)
    .join("; ");
}

function shown(
  was: Values | undefined,
  is: Values | undefined,
): { before: string | null; after: string | null } {
  const [before, after] = [textOf(was), textOf(is)];
  if (before === null || after === null) return { before: short(before), after: short(after) };
  if (before.length <= longestValue && after.length <= longestValue) return { before, after };
  const items = [itemsOf(was), itemsOf(is)] as const;
  if (items[0] && items[1]) {
    return {
      before: short(withoutThose(items[0], items[1])),
      after: short(withoutThose(items[1], items[0])),
    };
  }
  const start = firstDifference(before, after);
  return { before: short(before, start), after: short(after, start) };
}

/** The elements of a setting that is one list; those of a long list are what its change is about. */
function itemsOf(values: Values | undefined): string[] | undefined {
  const value = values?.length === 1 ? values[0]?.value : undefined;
  return value?.kind === "collection" ? value.items.map(({ source }) => source) : undefined;
}

function withoutThose(items: readonly string[], others: readonly string[]): string {
  const known = new Set(others);
  const own = items.filter((item) => !known.has(item));
  return own.length === items.length ? own.join(", ") : ["…", ...own].join(", ");
}

function firstDifference(one: string, other: string): number {
  let index = 0;
  while (index < one.length && one[index] === other[index]) index += 1;
  return index;
}

/** @param from where what matters begins */
function short<Text extends string | null>(text: Text, from = 0): Text | string {
  if (text === null || text.length <= longestValue) return text;
  const start = from > longestValue / 2 ? from - 20 : 0;
  const part = text.slice(start, start + longestValue);
  return `${start > 0 ? "…" : ""}${part}${start + longestValue < text.length ? "…" : ""}`;
}
