import { type Wait, endSession, type waits as english } from "../en/waits.ts";
import { count, moment } from "./format.ts";
import { duration, size } from "./measures.ts";

type Texts = {
  readonly [Kind in Wait["kind"]]: (awaited: Extract<Wait, { kind: Kind }>) => string;
};

/** « 4,5 fois » */
const times = (stretch: number) =>
  `${stretch.toLocaleString("fr", { maximumFractionDigits: 1 })} fois`;

const texts: Texts = {
  session: ({ pid, who, since, statement }) =>
    `la session ${pid} (${who}), dont la transaction est ouverte depuis le ${moment(since)} : « ${statement} »`,
  requests: ({ since, count: number }) =>
    `${count(number)} ${number > 1 ? "requêtes" : "requête"} sans réponse dans l’application, depuis le ${moment(since)}`,
  log: ({ since, container, bytes }) =>
    `${container}, qui doit ${bytes === null ? "commencer à prendre le journal" : `encore prendre ${count(Math.ceil(bytes / 1_000_000))} Mo de journal`}, depuis le ${moment(since)}`,
  database: ({ since, container }) =>
    `une réponse de la base de données de ${container}, depuis le ${moment(since)}`,
  stop: ({ since, container }) => `l’arrêt de ${container}, depuis le ${moment(since)}`,
  pages: ({ since, tag, pages }) =>
    `une réponse de BiomAid ${tag} à ${pages.join(", ")}, depuis le ${moment(since)}`,
  operation: ({ since, operation, holder }) =>
    `la fin de l’opération « ${operation} », lancée par ${holder}, en cours depuis le ${moment(since)}`,
  fetch: ({ since, repository, lock }) =>
    `une autre commande qui lit ${repository} (son verrou est ${lock}), depuis le ${moment(since)}`,
  repository: ({ since, repository }) =>
    `la lecture du dépôt ${repository}, depuis le ${moment(since)}`,
  snapshots: ({ since, repository, host }) =>
    `${host}, qui a verrouillé le dépôt d’instantanés ${repository}, depuis le ${moment(since)}`,
  engine: ({ since }) => `une réponse de Docker Engine, depuis le ${moment(since)}`,
  "own-backup": ({ since, bytes, lastMs }) =>
    `la sauvegarde que fait BiomAid, depuis le ${moment(since)} : ${size(bytes)} jusqu’ici${lastMs === null ? "" : ` ; la dernière a pris ${duration(lastMs)}`}`,
  processors: ({ since, stretch, expectedMs, limitMs }) =>
    `un moment plus calme, depuis le ${moment(since)} : tout prend ${times(stretch)} plus de temps que sur une machine libre, les utilisateurs attendraient ${count(expectedMs / 1000)} s et peuvent attendre ${count(limitMs / 1000)} s`,
};

const hints: Partial<Texts> = {
  session: (session) => `Pour l’arrêter : ${endSession(session)}`,
  fetch: ({ lock }) => `Pour savoir laquelle : lslocks -o PID,COMMAND,PATH | grep ${lock}`,
  requests: () =>
    "Lesquelles : le journal du proxy le dit une fois la réponse donnée : docker logs --since 10m biomaid-NAME-proxy",
};

export function waitText(awaited: Wait): string {
  return (texts[awaited.kind] as (awaited: Wait) => string)(awaited);
}

export function waitHint(awaited: Wait): string | undefined {
  return (hints[awaited.kind] as ((awaited: Wait) => string) | undefined)?.(awaited);
}

export const waits: typeof english = {
  waiting: (awaited) =>
    [`On attend ${waitText(awaited)}.`, waitHint(awaited)].filter(Boolean).join(" "),

  errors: {
    waitedTooLong: ({ seconds, awaited }) => ({
      what: `Attente abandonnée au bout de ${count(seconds)} s : ${waitText(awaited)}.`,
      next: `Recommencez quand ce sera fini. ${waitHint(awaited) ?? "État du site : updater status"}`,
    }),
    undoTooLong: ({ step, seconds }) => ({
      what: `L’annulation de l’étape « ${step} » n’a pas fini en ${count(seconds)} s.`,
      next: "Voyez si Docker Engine et son disque répondent (docker ps, df), puis : updater recover",
    }),
    returnTooLong: ({ minutes }) => ({
      what: `Le retour à la version précédente n’a pas fini en ${count(minutes)} min.`,
      next: "Voyez ce qu’il a attendu (updater logs --operation), puis : updater rollback",
    }),
    applicationSilent: ({ container, asked, seconds }) => ({
      what: `L’application de ${container} n’a pas répondu à « ${asked} » en ${count(seconds)} s.`,
      next: "Lisez son journal (updater logs --operation), voyez ce que la machine fait d’autre (top), puis recommencez.",
    }),
    tooBusy: ({ minutes, stretch, expectedMs, limitMs }) => ({
      what: `La machine est trop occupée, et ne s’est pas calmée en ${count(minutes)} min : tout prend ${times(stretch)} plus de temps que sur une machine libre. Les utilisateurs auraient attendu ${count(expectedMs / 1000)} s, et peuvent attendre ${count(limitMs / 1000)} s.`,
      next: "Choisissez une heure plus calme (updater slots ; updater swap TAG --at quiet), arrêtez ce qui tourne d’autre (top), ou laissez les utilisateurs attendre plus longtemps : hold.max dans updater.toml.",
    }),
  },
};
