import { count, day } from "./format.ts";
import { size } from "./measures.ts";
import type { operations } from "./operations.ts";

const settingKinds = {
  added: "new in",
  removed: "gone from",
  changed: "changed in",
};

const fileChanges = {
  added: "new",
  removed: "gone",
  modified: "changed",
};

const risks = {
  unknown: (targets: string) => `own code (${targets}): only a rehearsal shows what it does`,
  removes: (targets: string) => `data goes: ${targets}`,
  required: (targets: string) => `may not be empty: ${targets}`,
  converts: (targets: string) => `another type, which the old version may not know: ${targets}`,
  locks: (targets: string) => `locks while it reads the whole table: ${targets}`,
};

type SettingKind = keyof typeof settingKinds;

interface LocalFile {
  readonly file: string;
  readonly change: keyof typeof fileChanges;
}

const goesAnyway = "no undo: the copy is deleted anyway";

/** How a step is undone, or why it need not be, in at most 36 characters. */
const undo: Partial<Record<keyof typeof operations.steps, string>> = {
  "mail-before": "no undo: mail is sent",
  "prepare-news": "nobody is shown it",
  "announce-swap": "the banner is taken away",
  "clone-database": "the copy is deleted",
  "prepare-backup": "what is tried there is deleted",
  backup: "no undo: the backup is kept",
  snapshot: "no undo: the snapshot is kept",
  "start-candidate": "the candidate is deleted",
  "start-gates": "the gate is removed",
  "pause-jobs": "jobs may begin again",
  "snapshot-media": "the links are deleted",
  "complete-media": "the links are deleted",
  "await-quiet": "nothing to undo",
  "close-gate": "the gate opens: users go on",
  fence: "writes are allowed again",
  "build-image": "no undo: the image is kept",
  "catch-up": goesAnyway,
  promote: goesAnyway,
  migrate: goesAnyway,
  boot: goesAnyway,
  probe: goesAnyway,
  "publish-changes": goesAnyway,
  "publish-boot": goesAnyway,
};

/** What `updater plan` says; a line each, 80 columns wide. */
export const plan = {
  title: (instance: string, from: string, to: string) => `${instance}: BiomAid ${from} → ${to}`,
  honest: "What can be known without trying it. Nothing was changed.",
  more: (number: number) => `… and ${count(number)} more (--verbose)`,
  none: "none",
  date: day,

  tags: (number: number) => (number === 1 ? "One version further" : `${number} versions further`),
  sameTag: "The same version, with other settings",
  notes: "Release notes",
  noNotes: "There are no notes of these versions.",

  migrations: (number: number) => `Migrations to come: ${number}`,
  newApplication: "new application",
  irreversible: "cannot be undone by Django",
  emptyMigration: "does nothing",
  harmless: (number: number) => `… and ${number} without anything to watch for (--verbose)`,
  risks,

  settings: "Settings of the site",
  noExamples: "The two versions have no example settings in common.",
  settingsAlike: (files: string) => `no difference in ${files}`,
  setting: (name: string, kind: SettingKind, file: string, inSite: boolean) =>
    `${name}${inSite ? ", which your site sets" : ""}: ${settingKinds[kind]} ${file}`,
  ownSettings: (files: readonly string[]) => `the site's, changed since: ${files.join(", ")}`,
  onlyTheRest: "only the rest",

  dependencies: (number: number) => `Packages that differ: ${number}`,
  dependency: (name: string, before: string | null, after: string | null) =>
    before === null
      ? `${name}: new, ${after}`
      : after === null
        ? `${name}: gone (${before})`
        : `${name}: ${before} → ${after}`,

  local: "Local settings",
  localCommits: (ref: string, from: string, to: string) =>
    from === to ? `commit ${to} (${ref}), as now` : `commit ${from} → ${to} (${ref})`,
  localFile: ({ file, change }: LocalFile) => `${fileChanges[change]}: ${file}`,
  localAlike: "no file differs",
  localUnknown: "What serves now is not there any more: nothing to compare with.",

  needs: "What it takes",
  disk: (needed: number, free: number) =>
    `disk: ${size(needed)}; ${size(free)} free${free < needed ? ": too little" : ""}`,
  memory: (needed: number, free: number) =>
    `memory: ${size(needed)}; ${size(free)} free${free < needed ? ": too little" : ""}`,
  image: (built: boolean): string => (built ? "image: built already" : "image: not built yet"),

  rehearsal: "Rehearsal",

  steps: (tag: string) => `What updater swap ${tag} does`,
  step: "step",
  undoneBy: "undone by",
  waiting: "▮ users wait meanwhile",
  undo,
  noUndo: "no undo",
  committed: "from here on: updater rollback",
};
