import type { Language } from "../../src/text/catalogue.ts";

interface Summary {
  readonly requests: number;
  readonly failed: number;
  readonly longestMs: number;
  readonly throughSwap: { readonly kept: number; readonly of: number };
  readonly throughRollback: { readonly kept: number; readonly of: number };
}

const number = (count: number) => count.toLocaleString("en");
const nombre = (count: number) => count.toLocaleString("fr");

const en = {
  title: "BiomAid is updated and taken back while people use it",
  stage:
    "Everything here is real (engine, databases, proxy, requests) but the application: a miniature\n" +
    "of BiomAid with its database, its sign-in and its hazards, which is part of this project.",
  again: "A demonstration from an earlier run is there: it is deleted and begun anew.",
  create: {
    title: "An instance at 0.8.0",
    words: "Its image is built from the release's tag; its database is filled from a dump.",
  },
  work: (users: number) => ({
    title: "Users at work",
    words: `${users} users sign in, read pages and write, without a pause until the very end. Whatever they are\ntold was saved, they note down.`,
  }),
  swap: {
    title: "The update to 0.8.1",
    words:
      "The live database is cloned while they work. Their requests wait while the clone takes in the\n" +
      "last writes and is migrated; then 0.8.1 answers them.",
  },
  refused: {
    title: "An update that fails: 0.8.3",
    words:
      "The second of its migrations fails half-way, as a release's may. Nobody should notice but the\n" +
      "sysadmin: the updater must undo everything and exit with 3.",
  },
  rollback: {
    title: "The way back to 0.8.0",
    words:
      "0.8.0 was kept, and its database has taken in what users have written since the update. They\n" +
      "wait while it takes in the last of it and 0.8.0 starts; then 0.8.0 answers them, with all of it.",
  },
  asExpected: (status: number) => `Exit code ${status}, as it should be.`,
  soFar: (requests: number, failed: number) =>
    `So far: ${number(requests)} requests, ${number(failed)} failed.`,
  foundAll: (kept: number, of: number) =>
    `${number(kept)} of ${number(of)} acknowledged writes are in the database of 0.8.1.`,
  summary: "Summary",
  lines: (summary: Summary): [string, string][] => [
    ["Requests", number(summary.requests)],
    ["Failed", number(summary.failed)],
    ["Longest wait", `${(summary.longestMs / 1000).toFixed(1)} s`],
    [
      "Writes kept by the update",
      `${number(summary.throughSwap.kept)} of ${number(summary.throughSwap.of)} acknowledged`,
    ],
    [
      "Writes kept by the way back",
      `${number(summary.throughRollback.kept)} of ${number(summary.throughRollback.of)} acknowledged`,
    ],
  ],
  notAsPromised: "This is not what the updater promises.",
  running: {
    title: "The instance goes on running",
    lines: (url: string, user: string, password: string, command: string): [string, string][] => [
      ["Address", url],
      ["User", user],
      ["Password", password],
      ["Try", `${command} status`],
      ["", `${command} swap 0.8.2`],
      ["Remove every trace", "npm run demo -- --down"],
    ],
  },
  interrupted: "Interrupted. The users have gone home.",
  failed: (reason: string) => `The demonstration stopped: ${reason}`,
  unexpectedExit: (command: string, status: number | undefined) =>
    `updater ${command} ended with ${status ?? "a signal"}.`,
  tidy: "To remove every trace of it: npm run demo -- --down",
  down: "Every trace of the demonstration is removed.",
  stays:
    "What the set-up brought stays, for the tests: node_modules, the engine and its build cache, and\n" +
    "the images biomaid-updater/base and biomaid-updater/python.",
};

type Text = typeof en;

const fr: Text = {
  title: "BiomAid est mis à jour, puis remis comme avant, pendant qu’on s’en sert",
  stage:
    "Tout est réel ici (moteur, bases de données, proxy, requêtes) sauf l’application : un BiomAid en\n" +
    "miniature, avec sa base, ses comptes et ses pièges, qui fait partie de ce projet.",
  again: "Une démonstration précédente est encore là : elle est supprimée, puis recommencée.",
  create: {
    title: "Une instance en 0.8.0",
    words:
      "Son image est construite à l’étiquette de la version ; sa base est remplie par une sauvegarde.",
  },
  work: (users) => ({
    title: "Des utilisateurs au travail",
    words: `${users} utilisateurs se connectent, lisent des pages et écrivent, sans s’arrêter jusqu’à la fin. Ils\nnotent tout ce qu’on leur dit avoir enregistré.`,
  }),
  swap: {
    title: "La mise à jour vers 0.8.1",
    words:
      "La base en service est clonée pendant qu’ils travaillent. Leurs requêtes attendent le temps que\n" +
      "le clone reçoive les dernières écritures et soit migré ; puis c’est 0.8.1 qui leur répond.",
  },
  refused: {
    title: "Une mise à jour qui échoue : 0.8.3",
    words:
      "La seconde de ses migrations échoue à mi-chemin, comme cela peut arriver. Personne ne doit s’en\n" +
      "apercevoir, sauf l’administrateur : l’outil doit tout défaire et terminer avec le code 3.",
  },
  rollback: {
    title: "Le retour à 0.8.0",
    words:
      "La version 0.8.0 a été conservée, et sa base a repris ce qui a été écrit depuis la mise à jour.\n" +
      "Les requêtes attendent le temps qu’elle en reçoive la fin et que 0.8.0 démarre ; puis 0.8.0 répond.",
  },
  asExpected: (status) => `Code de sortie ${status}, comme attendu.`,
  soFar: (requests, failed) =>
    `Jusqu’ici : ${nombre(requests)} requêtes, ${nombre(failed)} en échec.`,
  foundAll: (kept, of) =>
    `${nombre(kept)} écritures confirmées sur ${nombre(of)} sont dans la base de 0.8.1.`,
  summary: "Bilan",
  lines: (summary) => [
    ["Requêtes", nombre(summary.requests)],
    ["En échec", nombre(summary.failed)],
    ["Attente la plus longue", `${(summary.longestMs / 1000).toFixed(1).replace(".", ",")} s`],
    [
      "Écritures gardées à la mise à jour",
      `${nombre(summary.throughSwap.kept)} sur ${nombre(summary.throughSwap.of)} confirmées`,
    ],
    [
      "Écritures gardées au retour",
      `${nombre(summary.throughRollback.kept)} sur ${nombre(summary.throughRollback.of)} confirmées`,
    ],
  ],
  notAsPromised: "Ce n’est pas ce que promet l’outil.",
  running: {
    title: "L’instance continue de tourner",
    lines: (url, user, password, command) => [
      ["Adresse", url],
      ["Utilisateur", user],
      ["Mot de passe", password],
      ["À essayer", `${command} status`],
      ["", `${command} swap 0.8.2`],
      ["Tout effacer", "npm run demo -- --down"],
    ],
  },
  interrupted: "Interrompu. Les utilisateurs sont rentrés chez eux.",
  failed: (reason) => `La démonstration s’est arrêtée : ${reason}`,
  unexpectedExit: (command, status) =>
    `updater ${command} s’est terminé avec ${status ?? "un signal"}.`,
  tidy: "Pour en effacer toute trace : npm run demo -- --down",
  down: "Toute trace de la démonstration est effacée.",
  stays:
    "Ce que l’installation a apporté reste, pour les tests : node_modules, le moteur et son cache de\n" +
    "construction, et les images biomaid-updater/base et biomaid-updater/python.",
};

export const texts: Readonly<Record<Language, Text>> = { en, fr };
