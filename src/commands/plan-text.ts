import cliTruncate from "cli-truncate";
import wrapAnsi from "wrap-ansi";
import type { SettingsDiff } from "../settings/diff-settings.ts";
import type { Plan, PlannedStep } from "../operations/plan.ts";
import type { NoteItem, ReleaseNotes } from "../source/release-notes.ts";
import type { MigrationOperation } from "../source/migration-file.ts";
import type { PlannedMigration } from "../source/migrations.ts";
import type { Catalogue } from "../text/catalogue.ts";

/** How much of a list is shown unless everything is asked for. */
const limits = {
  tags: 10,
  releases: 5,
  items: 6,
  migrations: 12,
  settings: 10,
  packages: 12,
  files: 8,
};

/** A plan as people read it: a heading and a few lines for each thing to know, 80 columns wide. */
export function planText(plan: Plan, catalogue: Catalogue, verbose: boolean): string {
  const text = catalogue.plan;
  const { sources, migrations, needs } = plan;
  const shorten: Shorten = (lines, limit) =>
    verbose || lines.length <= limit + 1
      ? lines
      : [...lines.slice(0, limit), text.more(lines.length - limit)];
  const { tags, dependencies } = sources;
  const tagLines = tags.map(({ tag, date }) => `${tag.padEnd(10)} ${text.date(date)}`);
  const packageLines = dependencies.map(({ name, before, after }) =>
    text.dependency(name, before, after),
  );
  const sections: (readonly [string, readonly string[]])[] = [
    [tags.length === 0 ? text.sameTag : text.tags(tags.length), shorten(tagLines, limits.tags)],
    [text.notes, notesLines(sources.notes, text, verbose)],
    [text.migrations(migrations.length), migrationLines(migrations, text, verbose)],
    [text.settings, settingsLines(plan, text, shorten)],
    [text.dependencies(dependencies.length), shorten(packageLines, limits.packages)],
    [text.local, localLines(plan, text, shorten)],
    [
      text.needs,
      [
        text.disk(needs.disk.needed, needs.disk.free),
        text.memory(needs.memory.needed, needs.memory.free),
        text.image(plan.image.built),
      ],
    ],
    [
      text.rehearsal,
      wrapped(
        catalogue.rehearse.known({ ...plan.rehearsed, tag: plan.to.tag, choice: plan.choice }),
        76,
      ),
    ],
    [text.steps(plan.choice), stepLines(plan.steps, catalogue)],
  ];
  const body = sections.flatMap(([heading, lines]) => ["", heading, ...indented(lines, verbose)]);
  return printable([text.title(plan.instance, plan.from.tag, plan.to.tag), text.honest, ...body]);
}

const indented = (lines: readonly string[], verbose: boolean) =>
  lines.map((line) => `  ${verbose ? line : cliTruncate(line, 78)}`);

/** Names and notes are BiomAid's: nothing in them is to be obeyed by a terminal. */
const printable = (lines: readonly string[]) =>
  lines.map((line) => line.replace(/\p{Cc}/gu, " ").trimEnd()).join("\n");

type Texts = Catalogue["plan"];
type Shorten = <Line>(lines: readonly Line[], limit: number) => readonly (Line | string)[];

function notesLines(notes: readonly ReleaseNotes[], text: Texts, verbose: boolean): string[] {
  if (notes.length === 0) return [text.noNotes];
  const shown = verbose ? notes : notes.slice(0, limits.releases);
  const lines = shown.flatMap(({ version, date, sections }) => {
    const heading = date === undefined ? version : `${version}, ${date}`;
    if (verbose) {
      return [
        heading,
        ...sections.flatMap(({ title, items }) => [`  ${title}`, ...itemLines(items, "  ")]),
      ];
    }
    const items = sections.flatMap((section) => section.items);
    const first = items.slice(0, limits.items).map((item) => `  · ${item.text}`);
    const left = items.length - first.length;
    return [heading, ...first, ...(left > 0 ? [`  ${text.more(left)}`] : [])];
  });
  const left = notes.length - shown.length;
  return left > 0 ? [...lines, text.more(left)] : lines;
}

const wrapped = (text: string, width: number) => wrapAnsi(text, width).split("\n");

function itemLines(items: readonly NoteItem[], indent = ""): string[] {
  return items.flatMap((item) => {
    const [first = "", ...others] = wrapped(item.text, 74 - indent.length);
    const lines = [`· ${first}`, ...others.map((line) => `  ${line}`)];
    return [...lines.map((line) => indent + line), ...itemLines(item.items, `${indent}  `)];
  });
}

/** Long lists leave out what is nothing to watch for, never the rest. */
function migrationLines(
  migrations: readonly PlannedMigration[],
  text: Texts,
  verbose: boolean,
): string[] {
  if (migrations.length === 0) return [text.none];
  const all = verbose || migrations.length <= limits.migrations;
  const described = migrations.map((migration) => ({
    migration,
    remarks: remarksOf(migration, text),
  }));
  const shown = described.filter(({ remarks }) => all || remarks.length > 0);
  const lines = shown.flatMap(({ migration, remarks }) => [
    migration.newApplication ? `${migration.name} (${text.newApplication})` : migration.name,
    ...whatItDoes(migration.operations, text, verbose).map((line) => `    ${line}`),
    ...remarks.flatMap((remark) => {
      const [first = "", ...others] = wrapped(remark, 70);
      return [`    ! ${first}`, ...others.map((line) => `      ${line}`)];
    }),
  ]);
  const left = migrations.length - shown.length;
  return left > 0 ? [...lines, text.harmless(left)] : lines;
}

/** "AddField, AlterField ×3", or each operation with what it works on. */
function whatItDoes(
  operations: readonly MigrationOperation[],
  text: Texts,
  verbose: boolean,
): string[] {
  if (operations.length === 0) return [text.emptyMigration];
  if (verbose) {
    return operations.map(({ kind, target, field }) =>
      [kind, target, field && `(${field})`].filter(Boolean).join(" "),
    );
  }
  const kinds = [...Map.groupBy(operations, ({ kind }) => kind)];
  return [
    kinds.map(([kind, { length }]) => (length === 1 ? kind : `${kind} ×${length}`)).join(", "),
  ];
}

function remarksOf(migration: PlannedMigration, text: Texts): string[] {
  const byRisk = Map.groupBy(migration.operations, ({ risk }) => risk);
  const remarks = [...byRisk].flatMap(([risk, operations]) =>
    risk === null ? [] : [text.risks[risk](targetsOf(operations))],
  );
  return [...remarks, ...(migration.reversible ? [] : [text.irreversible])];
}

function targetsOf(operations: readonly MigrationOperation[]): string {
  return [...new Set(operations.map(({ target, kind }) => target ?? kind))].join(", ");
}

function settingsLines(
  { sources, settingsChanged, from, to }: Plan,
  text: Texts,
  shorten: Shorten,
): readonly string[] {
  const own = settingsChanged?.length ? [text.ownSettings(settingsChanged)] : [];
  return [...own, ...exampleLines(sources.settings, { from: from.tag, to: to.tag }, text, shorten)];
}

/** What differs in the example settings of two tags. */
export function settingsText(
  { from, to, ...compared }: SettingsDiff,
  { plan: text, settings }: Catalogue,
  verbose: boolean,
): string {
  const lines = exampleLines(compared, { from, to }, text, (all) => all);
  return printable([settings.between(from, to), ...indented(lines, verbose)]);
}

function exampleLines(
  { files, changes }: Plan["sources"]["settings"],
  tags: { readonly from: string; readonly to: string },
  text: Texts,
  shorten: Shorten,
): readonly string[] {
  if (files.length === 0) return [text.noExamples];
  if (changes.length === 0) return [text.settingsAlike(files.join(", "))];
  const width = Math.max(tags.from.length, tags.to.length);
  const valueLines = (tag: string, value: string | null) =>
    value === null ? [] : [`    ${tag.padEnd(width)} ${value === "…" ? text.onlyTheRest : value}`];
  // What the site sets itself is what it may have to change.
  const lines = changes
    .toSorted((one, other) => Number(other.inSite) - Number(one.inSite))
    .map(({ name, kind, file, inSite, before, after }) => [
      text.setting(name, kind, file, inSite),
      ...valueLines(tags.from, before),
      ...valueLines(tags.to, after),
    ]);
  return shorten(lines, limits.settings).flat();
}

function localLines({ sources }: Plan, text: Texts, shorten: Shorten): readonly string[] {
  const { ref, from, to, changedFiles } = sources.local;
  const commits = text.localCommits(ref, from.slice(0, 10), to.slice(0, 10));
  if (changedFiles === null) return [commits, text.localUnknown];
  if (changedFiles.length === 0) return from === to ? [commits] : [commits, text.localAlike];
  const files = changedFiles.map((changed) => `  ${text.localFile(changed)}`);
  return [commits, ...shorten(files, limits.files)];
}

function stepLines(steps: readonly PlannedStep[], { plan, steps: names }: Catalogue): string[] {
  const width = Math.max(...steps.map(({ name }) => names[name].length));
  const committed = steps.findIndex(({ commit }) => commit);
  const lines = steps.map(({ name, held, commit }, index) => {
    const back = commit
      ? plan.committed
      : index > committed
        ? ""
        : (plan.undo[name] ?? plan.noUndo);
    return `${String(index + 1).padStart(2)} ${held ? "▮" : " "} ${names[name].padEnd(width)}  ${back}`;
  });
  return [`     ${plan.step.padEnd(width)}  ${plan.undoneBy}`, ...lines, plan.waiting];
}
