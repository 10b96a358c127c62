import type { TableChanges } from "../../postgres/changes.ts";

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;

export const cli = {
  help: {
    program:
      "Updates a BiomAid site: no failed request, no lost write, and a way back.\n\n" +
      "A first time:      updater init 0.8.0\n" +
      "An update:         updater versions, then updater swap 0.8.1\n" +
      "If it disappoints: updater rollback",
    config: "the site's configuration (default: updater.toml here, or $UPDATER_CONFIG)",
    json: "events and result as JSON, one object a line, on standard output",
    lang: "language of what is printed: en or fr (default: the environment's)",
    verbose: "also print what builds, migrations and hooks print, and stack traces",
    init: "create the instance, at TAG or the newest version",
    fromDump: "start from a dump: of pg_dump (archive or SQL), or of manage.py backup",
    versions: "the versions there are, which one is serving, what is newer",
    build: "build the image at TAG and do nothing else",
    swap: "put TAG in the place of the serving version",
    rollback: "put the previous generation back",
    acceptDataLoss: "agree to lose what was written since the swap",
    status: "what is serving, what is kept, what is going on",
    history: "what was done, when, and how it ended",
    logs: "the log of the serving application",
    follow: "keep printing",
    tail: "how many lines",
    operation:
      "instead, the log of an operation (its id from updater history; the last one by default)",
    exec: "run a command in the serving application: updater exec -- python manage.py …",
    prune: "delete generations and images that the retention policy does not keep",
    destroy: "delete the instance and everything in it, users' data included",
    destroyYes: "the instance's name, to confirm",
    all: "also the old ones",
    exitCodes:
      "Exit codes: 0 done · 1 refused, nothing changed · 2 usage or configuration · " +
      "3 failed, production restored and serving · 4 failed and needs a human · 5 live, clean-up pending",
  },

  seconds,
  started: {
    init: (to: string, instance: string) => `Creating ${instance} at ${to}`,
    swap: (to: string, instance: string, from: string) =>
      `Updating ${instance} from ${from} to ${to}`,
    rollback: (to: string, instance: string, from: string) =>
      `Taking ${instance} back from ${from} to ${to}`,
  },
  undone: (step: string) => `undone: ${step}`,
  hold: (milliseconds: number) => `Users waited for ${seconds(milliseconds)} at most.`,
  progress: (done: number, total: number) =>
    `${Math.round(done / 1e6)} of ${Math.round(total / 1e6)} MB`,
  migrating: (migration: string) => `migration ${migration}`,
  errorLabel: "Error",
  stateLabel: "Production",
  nextLabel: "Next",

  done: {
    init: (to: string, url: string) => `BiomAid ${to} is serving at ${url}`,
    swap: (to: string, from: string) => `BiomAid ${to} is serving; ${from} is kept.`,
    swapNext: "If it disappoints: updater rollback",
    rollback: (to: string, from: string) =>
      `BiomAid ${to} is serving again; ${from} is kept until the next swap, to be looked at.`,
  },
  lost: (changes: readonly TableChanges[] | null) =>
    changes === null
      ? "What was written since the swap is lost; nobody can tell how many rows."
      : `Lost, as agreed: ${changes.map(({ table, inserted, updated, deleted }) => `${table} ${inserted + updated + deleted}`).join(", ") || "nothing"} (rows written since the swap).`,

  production: {
    unchanged: "nothing was changed.",
    restored: (serving: string | null) =>
      serving === null
        ? "everything is removed again; there is no instance."
        : `as before: ${serving} is serving.`,
    needsHuman:
      "going back failed too. Users may be waiting: see updater status, then call for help.",
    cleanUpPending: (serving: string) =>
      `${serving} is serving; what is left of the operation is tidied by the next one, or updater prune.`,
    probation: (serving: string) =>
      `${serving} is serving, unwell. Going back would lose what users wrote, so that is for you to decide.`,
  },

  status: {
    instance: (name: string, url: string) => `${name}  ${url}`,
    serving: "serving",
    previous: "previous",
    abandoned: "left by a rollback",
    kept: "kept",
    running: "running",
    stopped: "stopped",
    nothingServing: "Nothing is serving.",
    gateClosed: "The gate is closed: users wait.",
    operation: (operation: string, holder: string, since: string) =>
      `Going on: ${operation}, by ${holder}, since ${since}`,
    generation: (number: number, tag: string, what: string, since: string) =>
      `generation ${number}  ${tag}  ${what}  since ${since}`,
    last: (operation: string, outcome: string, at: string) =>
      `Last: ${operation}, ${outcome}, ${at}`,
  },
  outcomes: {
    done: "done",
    refused: "refused",
    restored: "failed, restored",
    "needs-human": "failed, needs a human",
    "clean-up-pending": "live, clean-up pending",
  },
  history: {
    empty: "Nothing was ever done here.",
    line: (at: string, what: string, outcome: string, hold: string, id: string) =>
      `${at}  ${what}  ${outcome}${hold}  ${id}`,
    hold: (milliseconds: number) => `, users waited ${seconds(milliseconds)}`,
  },
  versions: {
    serving: "serving",
    newer: "newer",
    none: "There is no newer version.",
    noNotes: "",
  },
  noCommand: "No command was given.",
  built: (tag: string, image: string) => `The image of BiomAid ${tag} is ready: ${image}`,
  pruned: (generations: readonly string[], images: readonly string[]) =>
    generations.length + images.length === 0
      ? "There was nothing to delete."
      : `Deleted: ${[...generations, ...images].join(", ")}`,
  generationName: (number: number, tag: string) => `generation ${number} (${tag})`,
  destroyed: (instance: string) => `${instance} and everything in it is deleted.`,

  errors: {
    usage: ({ message }: { message: string }) => ({
      what: message,
      next: "See: updater --help",
    }),
    unknownLanguage: ({ language }: { language: string }) => ({
      what: `There are no texts in “${language}”.`,
      next: "Choose --lang en or --lang fr.",
    }),
    destroyUnconfirmed: ({ instance }: { instance: string }) => ({
      what: `This would delete instance ${instance}, its database and its media.`,
      next: `If that is what you want: updater destroy --yes ${instance}`,
    }),
    operationUnknown: ({ id }: { id: string }) => ({
      what:
        id === "" ? "No operation has left a log yet." : `There is no log of an operation ${id}.`,
      next: "See which there are with: updater history",
    }),
  },
};
