import { rehearsalOf, swapTo } from "../typed.ts";
import { count } from "./format.ts";
import { rows } from "./report-findings.ts";

const sentence = {
  ready: (_blocking: number, _remarks: number) =>
    "The update can go ahead: nothing was found that speaks against it.",
  remarks: (_blocking: number, remarks: number) =>
    `The update can go ahead, once ${remarks === 1 ? "one remark has" : `${remarks} remarks have`} been read.`,
  "not-ready": (blocking: number, _remarks: number) =>
    `The update should not go ahead: ${blocking === 1 ? "one reason speaks" : `${blocking} reasons speak`} against it.`,
};

/** Labels of the HTML report. */
export const page = {
  title: (instance: string, from: string, to: string) =>
    `Rehearsal of ${instance}: ${from} → ${to}`,
  kind: "Rehearsal of an update",
  heading: (from: string, to: string) => `BiomAid ${from} → ${to}`,
  about: (instance: string, at: string) =>
    `Instance ${instance}, on a copy of its data of ${at}. Production was not touched.`,
  sanitized: "The site's own script changed the copy first (rehearse.sanitize).",
  sentence,
  details: "Details",
  contents: "Contents",
  notReached: (step: string) => `Not known: the rehearsal ended before, at “${step}”.`,
  nothing: "Nothing.",
  unknown: "unknown",
  none: "none",
  yes: "yes",
  no: "no",

  short: {
    wait: "Who will notice, and how long do they wait?",
    waits: (time: string) =>
      `Whoever uses BiomAid at that moment waits about ${time}, once. No request fails and nothing typed in is lost.`,
    limit: (max: string) =>
      `The update gives up and undoes itself rather than keep them waiting longer than ${max} (hold.max).`,
    over: (time: string, max: string) =>
      `The wait would be about ${time}, more than the ${max} allowed (hold.max): the update would give up and undo itself.`,
    data: "What is lost?",
    dataKept: "No row and no value that was compared.",
    rowsLost: (number: number, tables: number) =>
      `${rows(number)} in ${tables === 1 ? "one table" : `${tables} tables`}.`,
    valuesChanged: (columns: number) =>
      `What people entered in ${columns === 1 ? "one column is" : `${columns} columns is`} changed.`,
    columnsDropped: (columns: number) =>
      `${columns === 1 ? "One column" : `${columns} columns`} that held something ${columns === 1 ? "goes" : "go"}.`,
    back: "Can one come back?",
    backYes: (tag: string, time: string | null) =>
      `Yes, to ${tag}, with one command; users wait about as long as for the update, or less${time === null ? "" : ` (about ${time})`}. What was entered after the update comes along, as far as the old version has a place for it: see “Going back”.`,
    next: "What to do next?",
    nextReady: (choice: string) => swapTo(choice),
    nextReadyText: "Choose a moment, then:",
    nextNot: (choice: string) => rehearsalOf(choice),
    nextNotText: "Settle what is listed under “What was found”, then rehearse again:",
  },

  sign: {
    heading: "Decision",
    go: "Go",
    goWithRemarks: "Go, with these remarks",
    noGo: "No go",
    planned: "Planned for (day, time)",
    name: "Name",
    date: "Date",
    signature: "Signature",
  },

  findings: {
    heading: "What was found",
    none: "Nothing that you need to know before the update.",
    blocking: "Stands in the way",
    remark: "Remark",
    why: "Why it matters",
    next: "What to do",
    override: "To swap all the same:",
  },

  hold: {
    heading: "How long people wait",
    intro:
      "Requests wait while the last writes are copied and the migrations run. All the rest happens beside the version in service.",
    gauge: (total: string, max: string) => `About ${total} of at most ${max}`,
    gaugeOver: (total: string, max: string) => `About ${total}, more than the ${max} allowed`,
    gaugeText: (percent: number, giveUp: string) =>
      `That is ${percent} % of what hold.max allows. The update gives up at ${giveUp}, four fifths of it, so that going back fits in too.`,
    limit: "hold.max",
    giveUp: "gives up",
    part: "What happens meanwhile",
    time: "Duration",
    starts: (at: string) => `begins after ${at}`,
    measured: "measured in the rehearsal",
    estimated: "from experience: only a real update can tell",
    estimatedShort: "estimated",
    total: "In all",
  },

  migrations: {
    heading: "Migrations",
    none: "No migration is needed.",
    intro: (number: number, time: string) =>
      `${number === 1 ? "One migration" : `${number} migrations`}, ${time} in all, longest first. The number says in which order they run.`,
    irreversible: "no way back",
    rewrites: "rewrites a table",
    failed: "failed",
    notAtomic: "not in one transaction",
    failure: "Why it failed",
    operations: "Operations",
    noOperations: "It changes nothing in the database.",
    statements: "SQL",
    statementsKept: (kept: number, all: number) =>
      `The first ${count(kept)} of ${count(all)} statements. Values are never shown.`,
    time: "Duration",
    rowsOf: rows,
    locks: "Locks",
    table: "Table",
    mode: "Kind of lock",
    held: "Held for",
    rewritten: "Tables written anew",
    touched: "Rows touched",
    inserted: "added",
    updated: "changed",
    deleted: "removed",
  },

  data: {
    heading: "The data, before and after",
    tables: "Rows by table",
    scale:
      "Bars: rows before (grey) and after (blue). The scale is logarithmic: from one mark to the next there are ten times as many.",
    table: "Table",
    before: "Before",
    after: "After",
    bars: (before: string, after: string) => `rows before: ${before}, after: ${after}`,
    same: (number: number) =>
      `${number === 1 ? "One more table has" : `${number} more tables have`} as many rows and the same values as before`,
    noneChanged: "No table has other rows or other values than before.",
    added: (by: string) => `new, by ${by}`,
    dropped: (by: string) => `removed, by ${by}`,
    recreated: (by: string) => `removed and created again, by ${by}`,
    renamed: (from: string) => `was ${from}`,
    removedRows: (number: number) => `− ${rows(number)}`,
    addedRows: (number: number) => `+ ${rows(number)}`,
    atBoot: (migrated: string, booted: string) =>
      `${migrated} after the migrations, ${booted} after the first start`,
    values: "Values that are not what they were",
    column: "Column",
    change: "What changed",
    rows: "Rows",
    constraints: "Rules that rows do not satisfy",
    constraint: "Rule",
    sequences: "Numbering (sequences)",
    sequence: "Sequence",
    behind: "behind: the next new record would be refused",
    sequencesFine: (number: number) =>
      `${number === 1 ? "One more is" : `${number} more are`} in order`,
    sequencesAll: (number: number) => `All ${number} are in order.`,
  },

  schema: {
    heading: "Changes of the database's structure",
    none: "The structure stays as it is.",
    byBoot: "by BiomAid, when it starts",
  },

  back: {
    heading: "Going back",
    honest:
      "After a swap the old version's database follows the new one's. updater rollback returns to it with everything it has a place for, and says beforehand, row by row, what it has none for.",
    classes: "What is entered after the update, and whether the old version's database takes it:",
    could: "The old database takes",
    tables: "Tables",
    why: "Why",
    lossless: (number: number) =>
      `everything (lossless): ${number === 1 ? "one table" : `${number} tables`}`,
    none: "Nothing was compared.",
  },

  pages: {
    heading: "Pages tried",
    intro: "Asked of both versions, on the same data.",
    none: "No page was tried.",
    page: "Page",
    signedIn: "signed in",
    status: "Answer",
    time: "Duration",
    size: "Size",
    noAnswer: "no answer",
    refused: "The database refused:",
  },

  source: {
    settings: "Settings",
    settingsIntro: (files: string) =>
      `Differences between the two versions' example files (${files}). Values are the examples'; the site's own are never read out.`,
    settingsNone: "The example settings are the same.",
    name: "Name",
    change: "Change",
    added: "new",
    removed: "gone",
    changed: "other example",
    before: "Before",
    after: "After",
    inSite: "Set by the site",
    local: "Local settings",
    localSame: "The same commit as now.",
    localRef: (ref: string, from: string, to: string) => `${ref}: ${from} → ${to}`,
    localUnknown: "What changed cannot be told: one of the two commits is not in the repository.",
    localNoFiles: "No file changed.",
    files: { added: "added", removed: "removed", modified: "changed" },
    file: "File",
    dependencies: "Programs it is built with",
    dependenciesNone: "All stay as they are.",
    dependency: "Package",
    notes: "What is new",
    notesIntro: (tags: string) => `Release notes of ${tags}, as written by BiomAid's authors.`,
    notesNone: "There are no release notes.",
  },

  needs: {
    heading: "What it takes",
    disk: "Disk",
    memory: "Memory",
    image: "Image",
    of: (needed: string, free: string) => `${needed} needed, ${free} free`,
    tooLittle: "too little",
    imageChange: (from: string, to: string) => `${from} → ${to}`,
  },

  identity: {
    heading: "What exactly was rehearsed",
    intro: "A swap uses this verdict only for this very image and while the data are not too old.",
    from: "In service",
    to: "New",
    tag: "Version",
    commit: "Commit",
    local: "Local settings",
    image: "Image",
    digest: "Its digest",
    rehearsal: "The rehearsal",
    when: "When",
    between: (start: string, end: string) => `${start} to ${end}`,
    data: "Data",
    dataAt: (at: string, size: string, position: string) =>
      `${at}, ${size}, up to position ${position}`,
    id: "Number of the rehearsal",
  },
};
