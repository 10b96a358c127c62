import { size } from "./measures.ts";
import { type LossSummary, lossText } from "./operations.ts";
import { weekday } from "../weekday.ts";
import { count, day, moment, momentIn, seconds, shortList } from "./format.ts";
import { commandHelp } from "./help.ts";

const operations = {
  init: "init",
  adopt: "adopt",
  swap: "swap",
  rollback: "rollback",
  rehearse: "rehearse",
  backup: "backup",
  restore: "restore",
};

type Operation = keyof typeof operations;

const usage = {
  noCommand: (_given: string) => "No command was given.",
  unknownCommand: (given: string) => `There is no command “${given}”.`,
  unknownOption: (given: string) => `There is no option ${given}.`,
  missingArgument: (given: string) => `The argument ${given} is missing.`,
  missingValue: (given: string) => `The option ${given} needs a value.`,
  badValue: (given: string) => `The option ${given} needs a whole number.`,
  conflict: (given: string) => `Only one of these can be asked for at a time: ${given}`,
  goesWith: (given: string) => `These go together only: ${given}`,
  unknownJobs: (given: string) =>
    `There are no jobs “${given}”, but quarter_hourly, hourly, daily and weekly ones.`,
  badTime: (given: string) => `“${given}” is no time: 22:30, or "2026-11-25 22:30".`,
  badMoment: (given: string) =>
    `“${given}” is no moment to come. Write "22:30", "2026-12-01 22:30", or quiet.`,
  excessArguments: (given: string) => `These are too many arguments: ${given}`,
};

/** What is wrong with a command line. */
export interface UsageProblem {
  readonly kind: keyof typeof usage;
  /** What was typed, or the name of what was not. */
  readonly given: string;
  /** What was probably meant. */
  readonly suggestion?: string | undefined;
  /** The command whose help tells more. */
  readonly command?: string | undefined;
}

interface NamedFiles {
  readonly named: number;
  readonly missing: number;
  readonly examples: readonly {
    readonly table: string;
    readonly key: string;
    readonly file: string;
  }[];
}

interface Backup {
  readonly name: string;
  readonly bytes: number;
}

interface KeptBackup extends Backup {
  readonly damaged: boolean;
  readonly verifiedAt: string;
}

interface OtherFile {
  readonly path: string;
  readonly bytes: number;
}

interface Snapshot extends Backup {
  readonly tag: string;
  readonly added: number;
  readonly verifiedAt: string;
}

interface WayBack {
  readonly tag: string;
  readonly following: {
    readonly state: "working" | "stopped" | "lost";
    readonly lag: number;
    readonly kept: number;
    readonly limit: number | null;
    readonly refused: number;
    readonly example: {
      readonly table: string;
      readonly key: string;
      readonly reason: string;
    } | null;
  } | null;
  readonly reason: string | null;
  readonly notLossless: readonly { readonly table: string }[];
  readonly until: string;
}

const helpOf = ({ command }: UsageProblem) =>
  command === undefined ? "updater --help" : `updater ${command} --help`;

export const cli = {
  help: commandHelp,

  seconds,
  day,
  moment,
  momentIn,
  started: {
    init: (to: string, instance: string) => `Creating ${instance} at ${to}`,
    adopt: (to: string, instance: string) => `Standing in front of BiomAid ${to}, as ${instance}`,
    rehearse: (to: string, instance: string, from: string) =>
      `Rehearsing ${to} on a copy of ${instance}, where ${from} is serving`,
    swap: (to: string, instance: string, from: string) =>
      from === to
        ? `Renewing ${instance}: ${to}, with new settings`
        : `Updating ${instance} from ${from} to ${to}`,
    restore: (to: string, instance: string, from: string) =>
      `Restoring ${instance} to a backup of ${to}; ${from} is serving`,
    backup: (to: string, instance: string) => `Backing up ${instance}, where ${to} is serving`,
    rollback: (to: string, instance: string, from: string) =>
      from === to
        ? `Taking ${instance} back to the settings before, of ${to}`
        : `Taking ${instance} back from ${from} to ${to}`,
  },
  movesIn: (to: string, instance: string, folder: string) =>
    `Moving ${instance} in: BiomAid ${to} of ${folder}`,
  movesBack: (to: string, instance: string, folder: string) =>
    `Taking ${instance} back to BiomAid ${to} of ${folder}`,
  recovering: (operation: Operation, to: string, since: string, committed: boolean) =>
    committed
      ? `Finishing “${operations[operation]} ${to}” of ${since}, which has switched already`
      : `Undoing “${operations[operation]} ${to}” of ${since}, whose updater died before the switch`,
  recovery: {
    nothing: "There is nothing to recover.",
    revived: (containers: readonly string[]) => `Started again: ${containers.join(", ")}.`,
    busy: "There is nothing to recover: an operation is going on. See updater status.",
    done: (operation: Operation, to: string) =>
      `“${operations[operation]} ${to}” is finished: ${to} is serving.`,
    tidied: (operation: Operation, to: string, steps: readonly string[]) =>
      `What was left of “${operations[operation]} ${to}” is done: ${steps.join(", ")}. ${to} is serving.`,
    ended: (operation: Operation, to: string, outcome: string) =>
      `The updater was gone when “${operations[operation]} ${to}” had ended: ${outcome}.`,
    notBegun:
      "The updater was killed before it had changed anything. To try again, type the same command again.",
    restored: (operation: Operation, to: string, serving: string | null) =>
      serving === null
        ? `“${operations[operation]} ${to}” is undone: there is no instance.`
        : `“${operations[operation]} ${to}” is undone: ${serving} is serving, as before.`,
  },
  attached: (operation: string, holder: string, since: string) =>
    `Following “${operation}”, begun by ${holder}, ${since}. Ctrl-C interrupts it; closing the terminal does not.`,
  detached: "It has begun and goes on by itself. To follow it: updater attach",
  nothingToAttach:
    "There is nothing to follow here. What goes on, and whether users wait: updater status. What was done: updater history",
  undone: (step: string) => `undone: ${step}`,
  hold: (milliseconds: number) => `Users waited for ${seconds(milliseconds)} at most.`,
  progress: (done: number, total: number) => `${count(done / 1e6)} of ${count(total / 1e6)} MB`,
  queue: (requests: number) =>
    `a queue of ${count(requests)} ${requests === 1 ? "request" : "requests"}`,
  waiting: (milliseconds: number) => `users wait ${seconds(milliseconds)}`,
  migrations: (count: number) => `${count} ${count === 1 ? "migration" : "migrations"}`,
  migrating: (migration: string) => `migration ${migration}`,
  errorLabel: "Error: ",
  stateLabel: "Production: ",
  nextLabel: "Next: ",

  done: {
    init: (to: string, url: string) => `BiomAid ${to} is serving at ${url}`,
    swap: (to: string, from: string) => `BiomAid ${to} is serving; ${from} is kept.`,
    renewed: (tag: string) =>
      `BiomAid ${tag} is serving with the new settings; the generation before is kept.`,
    swapNext: "If it disappoints: updater rollback",
    rollback: (to: string, from: string) =>
      `BiomAid ${to} is serving again${from === to ? " with the settings it had" : ""}; ${from === to ? "the generation left" : from} is kept until the next swap, to be looked at.`,
  },
  backedUp: ({ name, bytes }: Backup) =>
    `Backed up, and restored to try it: ${name}, ${size(bytes)}`,
  snapshotTaken: ({ name, bytes, added }: Snapshot) =>
    `Snapshot taken, and read back: ${name}, ${size(bytes)}, of which ${size(added)} are new`,
  restoredInto: ({ name, tag }: Snapshot, folder: string) =>
    `The files of snapshot ${name}, of BiomAid ${tag}, are in ${folder}: updater.toml, settings, local, media, backups.\nNothing else was changed.`,
  restored: (name: string, to: string) =>
    `BiomAid ${to} is serving, with the data of ${name}. What served before is kept.\nTo return to it, without what is written from now on: updater rollback --accept-data-loss`,
  backupList: {
    empty: "There is no backup. To make one: updater backup",
    line: ({ name, bytes, damaged, verifiedAt }: KeptBackup, taken: string) =>
      `${name}  ${taken}, ${size(bytes)}, ${damaged ? "DAMAGED: not as long as it was" : `verified ${moment(verifiedAt)}`}`,
    snapshot: ({ name, tag, bytes, added, verifiedAt }: Snapshot, taken: string) =>
      `${name}  ${taken}, snapshot of ${tag}, ${size(bytes)}, ${size(added)} new, verified ${moment(verifiedAt)}`,
    other: ({ path, bytes }: OtherFile, written: string) =>
      `${path}  ${written}, ${size(bytes)}, not the updater's: never verified`,
    moreOthers: (most: number) => `No more than ${count(most)} files of others are listed.`,
  },
  lost: (lost: readonly LossSummary[] | null) =>
    lost === null
      ? "What was written since its database stopped following is lost; nobody can tell how many rows."
      : lost.length === 0
        ? "Everything written since the swap is kept."
        : `Lost, as agreed: ${lossText(lost)}. All else written since the swap is kept.`,

  filesMissing: ({ missing, named, examples: [first] }: NamedFiles) => {
    const example = first ? ` (one is ${first.file}, in ${first.table} ${first.key})` : "";
    return `Of ${count(named)} files that rows name, ${count(missing)} ${missing === 1 ? "is" : "are"} missing${example}. They may have been missing before: compare with your backup.`;
  },

  wouldLose: (lost: readonly LossSummary[]) => `A rollback would lose: ${lossText(lost)}.`,
  nothingToExport: "A rollback would lose nothing. No file was written.",
  exported: (folder: string) => `Written to ${folder}: lost-rows.sql, and a .csv for each table.`,

  production: {
    unchanged: "this command has changed nothing.",
    unknown: "whether users wait: updater status",
    restored: (serving: string | null) =>
      serving === null
        ? "everything is removed again; there is no instance."
        : `as before: ${serving} is serving.`,
    removedNext:
      "Its log went with everything else. To see what it prints: the same command with --verbose.",
    untidy: (serving: string) =>
      `${serving} is serving, undisturbed, but what was begun could not all be removed.`,
    needsHuman: "undoing failed too. Users may be waiting.",
    needsHumanNext:
      "See who serves: updater status. Then: updater recover. If that does not help: docs/recovery.md",
    cleanUpPending: (serving: string) =>
      `${serving} is serving, and users notice nothing. What is left is tried again by the next operation, or by: updater recover`,
    probation: (serving: string) =>
      `${serving} is serving, unwell. It could not go back by itself, see above; the decision is yours.`,
    probationNext:
      "Why it failed: updater logs --operation. To go back: updater rollback, which says first what would be lost.",
  },

  status: {
    instance: (name: string, url: string) => `${name}  ${url}`,
    serving: "serving",
    servedUntilNow: "served until the gate closed",
    previous: "previous",
    candidate: "candidate",
    abandoned: "left by a rollback",
    kept: "kept",
    running: "running",
    stopped: "stopped",
    bareMetal: (folder: string) => `as it was installed by hand in ${folder}`,
    nothingServing: "Nothing is serving.",
    gateClosed: "The gate is closed: users wait.",
    unfinished: (operation: Operation, to: string, since: string, step: string) =>
      `Unfinished: ${operations[operation]} ${to} of ${since}; its updater died at “${step}”. Nothing is lost. To undo or finish it: updater recover`,
    toTidy: (operation: Operation, to: string, steps: readonly string[]) =>
      `Left of “${operations[operation]} ${to}”, which users do not notice: ${steps.join(", ")}. To try again: updater recover`,
    operation: (operation: string, holder: string, since: string) =>
      `Going on: ${operation}, by ${holder}, since ${since}`,
    generation: (number: number, tag: string, local: string, what: string, since: string) =>
      `generation ${number}  ${tag}  local ${local}  ${what}, created ${since}`,
    settingsChanged: (files: readonly string[]) =>
      `Changed since, and not in use yet: ${files.join(", ")}. To try: updater settings check. To apply: updater swap --settings-only`,
    wayBack: ({ tag, following, reason, notLossless, until }: WayBack) => {
      if (!following) {
        return `Way back to ${tag}: its database does not follow; a rollback would lose what was written since it stopped following.`;
      }
      const { state, lag, kept, limit, refused, example } = following;
      const isOver = Date.parse(until) < Date.now();
      const log = `${size(kept)} of log kept for it${limit === null ? "" : ` (at most ${size(limit)})`}`;
      const first = {
        working: `Way back to ${tag}: its database follows, ${isOver ? "though its window ended" : "at least until"} ${moment(until)}, ${size(lag)} behind; ${log}.${isOver ? " To end it: updater prune" : ""}`,
        stopped: `Way back to ${tag}: its database has stopped following, ${size(lag)} behind; ${log}. Why: ${reason ?? "docker logs of its container tells."}`,
        lost: `Way back to ${tag}: its database could not follow, more was written than is kept for it. A rollback would lose what was written since.`,
      }[state];
      const lossy =
        notLossless.length === 0
          ? ""
          : `\n  Not all that is written is kept in ${shortList(notLossless.map(({ table }) => table))}.`;
      if (!example) return first + lossy;
      return `${first}${lossy}\n  ${count(refused)} ${refused === 1 ? "row does" : "rows do"} not fit, the first in ${example.table}, key ${example.key}: ${example.reason}`;
    },
    rehearsal: (tag: string, url: string | null) =>
      `rehearsal of ${tag}, kept to be looked at: ${url ?? "stopped"}`,
    last: (operation: Operation, to: string, outcome: string, at: string) =>
      `Last: ${operations[operation]} ${to}, ${outcome}, ${at}`,
  },
  outcomes: {
    done: "done",
    refused: "refused",
    restored: "failed, restored",
    "needs-human": "failed, needs a human",
    "clean-up-pending": "live, clean-up pending",
  },
  history: {
    verdicts: { "not-ready": "not ready", remarks: "ready, with remarks", ready: "ready" },
    empty: "Nothing was ever done here.",
    what: (operation: Operation, from: string | null, to: string) =>
      from === null || from === to
        ? `${operations[operation]} ${to}`
        : `${operations[operation]} ${from} → ${to}`,
    line: (at: string, what: string, outcome: string, hold: string, id: string) =>
      `${at}  ${what}  ${outcome}${hold}  ${id}`,
    hold: (milliseconds: number) => `, users waited ${seconds(milliseconds)}`,
  },
  versions: {
    serving: "serving",
    none: "There is no newer version.",
  },
  built: (tag: string, image: string) => `The image of BiomAid ${tag} is ready: ${image}`,
  pruned: (generations: readonly string[], images: readonly string[]) =>
    generations.length + images.length === 0
      ? "There was nothing to delete."
      : `Deleted: ${[...generations, ...images].join(", ")}`,
  relocated: (instance: string, from: string | null, to: string) =>
    from === null || from === to
      ? `Instance ${instance} is operated from ${to}.`
      : `Instance ${instance} is operated from ${to} now, and no longer from ${from}.`,
  generationName: (number: number, tag: string) => `generation ${number} (${tag})`,
  unfinishedName: (number: number) => `generation ${number} (unfinished)`,
  announcement: {
    none: "Nothing is announced.",
    shown: (text: string, from: string | undefined, until: string | undefined) =>
      `Announced${from ? ` from ${from}` : ""}${until ? ` until ${until}` : from ? "" : ", until it is removed"}: ${text}`,
    news: (version: string, until: string) =>
      `Users are shown what is new in ${version} until ${until}.`,
    noNews: "Users are not shown what is new.",
    over: (text: string, until: string) => `Was announced until ${until}: ${text}`,
  },
  slots: {
    day: (index: number, width: "short" | "long") => weekday("en-GB", index, width),
    title: (since: string, timeZone: string) =>
      `Requests in each half-hour of the week (${timeZone}), on average since ${since}, without static files:`,
    legend: (most: number, unknown: boolean) =>
      `█ ${count(most)} ${most === 1 ? "request" : "requests"}${unknown ? "   · not known yet: the log does not reach back so far" : ""}`,
    quietest: (unknown: boolean): string =>
      unknown ? "The quietest of those the log covers:" : "The quietest:",
    requests: (number: number) => `${number.toFixed(1)} requests`,
  },
  destroyed: (instance: string) => `${instance} and everything in it is deleted.`,

  errors: {
    usage: (problem: UsageProblem) => ({
      what: usage[problem.kind](problem.given),
      next: problem.suggestion
        ? `Did you mean ${problem.suggestion}? If not: ${helpOf(problem)}`
        : helpOf(problem),
    }),
    unknownLanguage: ({ language }: { language: string }) => ({
      what:
        language === ""
          ? "The option --lang needs a value."
          : `There are no texts in “${language}”.`,
      next: "Choose --lang en or --lang fr.",
    }),
    destroyUnconfirmed: ({ instance }: { instance: string }) => ({
      what: `This would delete instance ${instance} with its database, its media and its backups.`,
      next: `If that is what you want: updater destroy --yes ${instance}`,
    }),
    operationUnknown: ({ id }: { id: string }) => ({
      what:
        id === "" ? "No operation has left a log yet." : `There is no log of an operation ${id}.`,
      next: "See which there are with: updater history",
    }),
  },
};
