import type { EndedRun, jobs as english } from "../en/jobs.ts";
import { moment, momentIn, seconds } from "./format.ts";

const outcomes: typeof english.outcomes = {
  done: "fait",
  crashed: "en échec",
  "timed-out": "trop long, arrêté",
  "cut-short": "interrompu",
};

const failures = ({ jobs, error }: EndedRun) =>
  [
    ...jobs.flatMap((job) =>
      job.error === null ? [] : [`${job.name} : ${job.error.split("\n")[0]}`],
    ),
    ...(error === null ? [] : [error]),
  ].map((line) => `\n    ${line}`);

const lasted = ({ startedAt, finishedAt }: EndedRun) =>
  seconds(Date.parse(finishedAt) - Date.parse(startedAt));

export const jobs: typeof english = {
  outcomes,
  schedule: ({ kind, next, late }, timeZone) =>
    next === null
      ? `${kind.padEnd(15)} désactivé`
      : `${kind.padEnd(15)} prochain passage ${momentIn(timeZone, next)}${late ? ", en retard" : ""}`,
  last: (run, timeZone) =>
    `  dernier passage ${momentIn(timeZone, run.startedAt)}, ${outcomes[run.outcome]} en ${lasted(run)}, génération ${run.generation} (${run.tag})  ${run.id}${failures(run).join("")}`,
  running: ({ kind, startedAt, tag }, timeZone) =>
    `En cours : ${kind}, depuis le ${momentIn(timeZone, startedAt)}, sur ${tag}.`,
  upgraded: "L’outil a été mis à jour : le planificateur redémarre avec cette version.",
  scheduler: {
    lives: "Le planificateur tourne.",
    dead: "Le planificateur ne tourne pas : aucune tâche n’est lancée. Pour le démarrer : updater jobs start",
  },
  disabled: "L’outil ne lance pas les tâches de ce site : [jobs] enabled n’est pas activé.",
  started:
    "Le planificateur tourne, et tournera après un redémarrage. Prochains passages : updater jobs",
  stopped:
    "Le planificateur est retiré. Une tâche en cours va à son terme (updater jobs cancel l’arrête).",
  wasStopped: "Il n’y avait pas de planificateur.",
  cancelled: (kind) => `L’arrêt des tâches ${kind} est demandé.`,
  nothingToCancel: "Aucune tâche n’est en cours.",
  ran: (run) =>
    `${run.kind} : ${outcomes[run.outcome]} en ${lasted(run)}, sur ${run.tag}.${failures(run).join("")}${run.outcome === "done" ? "" : "\nCe qui a été affiché : updater jobs log"}`,
  status: ({ lives, failed, late, next }, timeZone) => {
    if (!lives) return `Tâches : ${jobs.scheduler.dead}`;
    const troubles = [
      ...failed.map(({ kind, outcome }) => `${kind} ${outcomes[outcome]}`),
      ...late.map((kind) => `${kind} en retard`),
    ];
    if (troubles.length > 0) return `Tâches : ${troubles.join(", ")}. Pourquoi : updater jobs`;
    return next === undefined
      ? "Tâches : toutes désactivées."
      : `Tâches : tout va bien ; prochain passage ${next.kind}, ${momentIn(timeZone, next.due)}.`;
  },
  errors: {
    jobBookDamaged: ({ instance }) => ({
      what: `Ce qui est noté des tâches de l’instance ${instance} est illisible.`,
      next: `Supprimez-le, et les tâches reprendront à neuf : docker run --rm -v biomaid-${instance}-control:/c biomaid-updater/base:12 rm /c/jobs.json`,
    }),
    jobStillRuns: ({ kind, since, seconds: limit }) => ({
      what: `Les tâches ${kind}, en cours depuis le ${moment(since)}, ne se sont pas terminées en ${limit} s.`,
      next: "Recommencez quand elles le seront (updater jobs) ; pour les arrêter : updater jobs cancel. Durée d’attente d’une bascule : jobs.wait.",
    }),
    jobAwaited: ({ kind, since, seconds: limit }) => ({
      what: `En attente de la fin des tâches ${kind}, en cours depuis le ${moment(since)}, au plus ${limit} s. Pour les arrêter : updater jobs cancel`,
      next: "updater jobs",
    }),
    jobRuns: ({ kind }) => ({
      what: `Les tâches ${kind} sont en cours, et une seule exécution a lieu à la fois.`,
      next: "Voyez si elles ont fini : updater jobs. Pour les arrêter : updater jobs cancel",
    }),
    jobsPaused: () => ({
      what: "Aucune tâche ne démarre maintenant : une opération va basculer, ou rien n’est en service.",
      next: "Voyez où elle en est (updater status), et recommencez quand elle aura fini.",
    }),
    jobsDisabled: () => ({
      what: "L’outil ne lance pas les tâches de ce site.",
      next: "Dans updater.toml, sous [jobs] : enabled = true. Retirez les lignes de cron qui les lançaient.",
    }),
    jobRunUnknown: ({ run }) => ({
      what:
        run === ""
          ? "Aucune tâche n’a encore été lancée."
          : `Il n’y a pas de journal d’une exécution ${run}.`,
      next: "Voyez lesquelles existent : updater jobs",
    }),
    schedulerImpossible: ({ reason }) => ({
      what: `Le moteur ne peut pas garder un planificateur : ${reason}`,
      next: "Si le moteur est celui d’une autre machine, ou sans privilèges, une ligne de cron peut lancer : updater jobs run hourly",
    }),
  },
};
