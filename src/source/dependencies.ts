import { parseDocument, type Table, tableOf } from "../lib/toml.ts";

export interface DependencyChange {
  readonly name: string;
  /** Null: not there. */
  readonly before: string | null;
  readonly after: string | null;
}

/** What says which packages a release is built with; undefined where it has no such file. */
export interface DependencyFiles {
  readonly lock: string | undefined;
  readonly project: string | undefined;
}

/**
 * Differences of two releases' locked packages: Python itself first, then what BiomAid asks for, then
 * what only its packages ask for. Nothing when one of the releases has no lock file to read.
 */
export function compareDependencies(
  before: DependencyFiles,
  after: DependencyFiles,
): DependencyChange[] {
  const [old, now] = [lockedIn(before.lock), lockedIn(after.lock)];
  const wanted = new Set([...wantedIn(before.project), ...wantedIn(after.project)]);
  const names = old && now ? [...new Set([...old.keys(), ...now.keys()])].sort() : [];
  const packages = names.map((name) => changeOf(name, old?.get(name), now?.get(name)));
  return [
    changeOf("Python", pythonOf(before.project), pythonOf(after.project)),
    ...packages.filter(({ name }) => wanted.has(name)),
    ...packages.filter(({ name }) => !wanted.has(name)),
  ].filter((change) => change.before !== change.after);
}

function changeOf(
  name: string,
  before: string | undefined,
  after: string | undefined,
): DependencyChange {
  return { name, before: before ?? null, after: after ?? null };
}

/** Package → version. One that is there in several versions, for several Pythons, has them all. */
function lockedIn(text: string | undefined): Map<string, string> | undefined {
  const packages = text === undefined ? undefined : tableIn(text)?.["package"];
  if (!Array.isArray(packages)) return undefined;
  const versions = new Map<string, string>();
  for (const entry of packages.map(tableOf)) {
    const { name, version } = entry;
    if (typeof name !== "string" || typeof version !== "string") continue;
    const revision = tableOf(entry["source"])["resolved_reference"];
    const exact = typeof revision === "string" ? `${version}@${revision.slice(0, 10)}` : version;
    const others = versions.get(normalised(name));
    versions.set(normalised(name), others === undefined ? exact : `${others}, ${exact}`);
  }
  return versions;
}

function wantedIn(project: string | undefined): string[] {
  return Object.keys(tableOf(poetryOf(project)["dependencies"])).map(normalised);
}

function pythonOf(project: string | undefined): string | undefined {
  const { python } = tableOf(poetryOf(project)["dependencies"]);
  return typeof python === "string" ? python : undefined;
}

function poetryOf(project: string | undefined): Table {
  const table = project === undefined ? undefined : tableIn(project);
  return tableOf(tableOf(table?.["tool"])["poetry"]);
}

function tableIn(text: string): Table | undefined {
  const document = parseDocument(text);
  return "table" in document ? document.table : undefined;
}

/** Versions of Poetry write the same package's name differently. */
function normalised(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}
