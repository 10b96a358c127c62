import type { cli as english, UsageProblem } from "../en/cli.ts";
import { commandHelp } from "./help.ts";
import { weekday } from "../weekday.ts";
import { count, day, moment, momentIn, seconds, shortList } from "./format.ts";
import { size } from "./measures.ts";
import { lossText } from "./operations.ts";

const operations: Record<Parameters<typeof english.recovery.done>[0], string> = {
  init: "création",
  adopt: "prise en charge",
  swap: "bascule",
  rollback: "retour arrière",
  rehearse: "répétition",
  backup: "sauvegarde",
  restore: "restauration",
};

const usage: Record<UsageProblem["kind"], (given: string) => string> = {
  noCommand: () => "Il manque une commande.",
  unknownCommand: (given) => `La commande « ${given} » n’existe pas.`,
  unknownOption: (given) => `L’option ${given} n’existe pas.`,
  missingArgument: (given) => `Il manque l’argument ${given}.`,
  missingValue: (given) => `Il manque une valeur à l’option ${given}.`,
  badValue: (given) => `L’option ${given} attend un nombre entier.`,
  conflict: (given) => `Une seule de ces choses à la fois : ${given}`,
  goesWith: (given) => `Ceci ne va qu’ensemble : ${given}`,
  unknownJobs: (given) =>
    `Il n’y a pas de tâches « ${given} », mais quarter_hourly, hourly, daily et weekly.`,
  badTime: (given) => `« ${given} » n’est pas une heure : 22:30, ou "2026-11-25 22:30".`,
  badMoment: (given) =>
    `« ${given} » n’est pas un moment à venir. Écrivez "22:30", "2026-12-01 22:30" ou quiet.`,
  excessArguments: (given) => `Il y a trop d’arguments : ${given}`,
};

const helpOf = ({ command }: UsageProblem) =>
  command === undefined ? "updater --help" : `updater ${command} --help`;

export const cli: typeof english = {
  help: commandHelp,

  seconds,
  day,
  moment,
  momentIn,
  started: {
    init: (to, instance) => `Création de l’instance ${instance} en version ${to}`,
    adopt: (to, instance) => `Prise de place devant BiomAid ${to}, pour l’instance ${instance}`,
    rehearse: (to, instance, from) =>
      `Répétition de ${to} sur une copie de l’instance ${instance}, où ${from} est en service`,
    swap: (to, instance, from) =>
      from === to
        ? `Bascule de l’instance ${instance} : ${to}, avec de nouveaux réglages`
        : `Bascule de l’instance ${instance} de ${from} vers ${to}`,
    restore: (to, instance, from) =>
      `Restauration de l’instance ${instance} à partir d’une sauvegarde de ${to} ; ${from} est en service`,
    backup: (to, instance) => `Sauvegarde de l’instance ${instance}, où ${to} est en service`,
    rollback: (to, instance, from) =>
      from === to
        ? `Retour de l’instance ${instance} aux réglages précédents, en ${to}`
        : `Retour arrière de l’instance ${instance} de ${from} vers ${to}`,
  },
  movesIn: (to, instance, folder) =>
    `Emménagement de l’instance ${instance} : BiomAid ${to}, de ${folder}`,
  movesBack: (to, instance, folder) =>
    `Retour de l’instance ${instance} au BiomAid ${to} de ${folder}`,
  recovering: (operation, to, since, committed) =>
    committed
      ? `Achèvement de l’opération « ${operations[operation]} ${to} » du ${since}, qui a déjà basculé`
      : `Annulation de l’opération « ${operations[operation]} ${to} » du ${since}, dont l’outil a été tué avant la bascule`,
  recovery: {
    nothing: "Il n’y a rien à reprendre.",
    revived: (containers) => `Relancé : ${containers.join(", ")}.`,
    busy: "Il n’y a rien à reprendre : une opération est en cours. Voyez updater status.",
    done: (operation, to) =>
      `« ${operations[operation]} ${to} » est terminé : ${to} est en service.`,
    tidied: (operation, to, steps) =>
      `Ce qui restait de l’opération « ${operations[operation]} ${to} » est fait : ${steps.join(", ")}. ${to} est en service.`,
    ended: (operation, to, outcome) =>
      `L’outil n’était plus là quand « ${operations[operation]} ${to} » a pris fin : ${outcome}.`,
    notBegun:
      "L’outil a été tué avant d’avoir changé quoi que ce soit. Pour recommencer, tapez de nouveau la même commande.",
    restored: (operation, to, serving) =>
      serving === null
        ? `« ${operations[operation]} ${to} » est annulé : il n’y a pas d’instance.`
        : `« ${operations[operation]} ${to} » est annulé : ${serving} est en service, comme avant.`,
  },
  attached: (operation, holder, since) =>
    `Suivi de l’opération « ${operation} », lancée par ${holder} le ${since}. Ctrl-C l’interrompt ; fermer le terminal, non.`,
  detached: "C’est lancé et cela continue tout seul. Pour suivre : updater attach",
  nothingToAttach:
    "Il n’y a rien à suivre ici. Ce qui est en cours, et si l’on attend : updater status. Ce qui a été fait : updater history",
  undone: (step) => `annulé : ${step}`,
  hold: (milliseconds) => `Les utilisateurs ont attendu ${seconds(milliseconds)} au plus.`,
  progress: (done, total) => `${count(done / 1e6)} sur ${count(total / 1e6)} Mo`,
  queue: (requests) => `une file de ${count(requests)} ${requests < 2 ? "requête" : "requêtes"}`,
  waiting: (milliseconds) => `les utilisateurs attendent ${seconds(milliseconds)}`,
  migrations: (count) => `${count} ${count < 2 ? "migration" : "migrations"}`,
  migrating: (migration) => `migration ${migration}`,
  errorLabel: "Erreur : ",
  stateLabel: "Production : ",
  nextLabel: "Ensuite : ",

  done: {
    init: (to, url) => `BiomAid ${to} est en service : ${url}`,
    swap: (to, from) => `BiomAid ${to} est en service ; ${from} est conservé.`,
    renewed: (tag) =>
      `BiomAid ${tag} est en service avec les nouveaux réglages ; la génération précédente est conservée.`,
    swapNext: "En cas de déception : updater rollback",
    rollback: (to, from) =>
      `BiomAid ${to} est de nouveau en service${from === to ? " avec les réglages d’avant" : ""} ; ${from === to ? "la génération quittée est conservée" : `${from} est conservé`} jusqu’à la prochaine bascule, pour examen.`,
  },
  backedUp: ({ name, bytes }) => `Sauvegardé, et restauré à l’essai : ${name}, ${size(bytes)}`,
  snapshotTaken: ({ name, bytes, added }) =>
    `Instantané fait et relu : ${name}, ${size(bytes)}, dont ${size(added)} de nouveau`,
  restoredInto: ({ name, tag }, folder) =>
    `Les fichiers de l’instantané ${name}, de BiomAid ${tag}, sont dans ${folder} : updater.toml, settings, local, media, backups.\nRien d’autre n’a changé.`,
  restored: (name, to) =>
    `BiomAid ${to} est en service, avec les données que contient ${name}. Ce qui servait avant est conservé.\nPour y revenir, sans ce qui s’écrit désormais : updater rollback --accept-data-loss`,
  backupList: {
    empty: "Il n’y a pas de sauvegarde. Pour en faire une : updater backup",
    line: ({ name, bytes, damaged, verifiedAt }, taken) =>
      `${name}  ${taken}, ${size(bytes)}, ${damaged ? "ABÎMÉE : sa taille a changé" : `vérifiée le ${moment(verifiedAt)}`}`,
    snapshot: ({ name, tag, bytes, added, verifiedAt }, taken) =>
      `${name}  ${taken}, instantané de ${tag}, ${size(bytes)}, dont ${size(added)} de nouveau, vérifié le ${moment(verifiedAt)}`,
    other: ({ path, bytes }, written) =>
      `${path}  ${written}, ${size(bytes)}, pas de l’outil : jamais vérifiée`,
    moreOthers: (most) => `Des fichiers d’autrui, ${count(most)} au plus sont montrés.`,
  },
  lost: (lost) =>
    lost === null
      ? "Ce qui a été saisi depuis que sa base ne suit plus est perdu ; le nombre de lignes est inconnu."
      : lost.length === 0
        ? "Tout ce qui a été saisi depuis la bascule est gardé."
        : `Perdu, avec votre accord : ${lossText(lost)}. Tout le reste est gardé.`,

  filesMissing: ({ missing, named, examples: [first] }) => {
    const example = first ? ` (par exemple ${first.file}, dans ${first.table} ${first.key})` : "";
    return `${count(missing)} sur ${count(named)} des fichiers que nomment des lignes ${missing > 1 ? "manquent" : "manque"}${example}. Ils pouvaient manquer avant : comparez avec votre sauvegarde.`;
  },

  wouldLose: (lost) => `Un retour arrière perdrait : ${lossText(lost)}.`,
  nothingToExport: "Un retour arrière ne perdrait rien. Aucun fichier n’a été écrit.",
  exported: (folder) => `Écrits dans ${folder} : lost-rows.sql, et un .csv par table.`,

  production: {
    unchanged: "cette commande n’a rien changé.",
    unknown: "si des utilisateurs attendent : updater status",
    restored: (serving) =>
      serving === null
        ? "tout est retiré ; il n’y a pas d’instance."
        : `comme avant : ${serving} est en service.`,
    removedNext:
      "Son journal est parti avec le reste. Pour voir ce qui s’affiche : la même commande avec --verbose.",
    untidy: (serving) =>
      `${serving} est en service et n’a pas été touché, mais une partie de ce qui était commencé n’a pas pu être retirée.`,
    needsHuman: "l’annulation a échoué elle aussi. Des utilisateurs attendent peut-être.",
    needsHumanNext:
      "Voyez ce qui est en service : updater status. Puis : updater recover. Si cela ne suffit pas : docs/depannage.md",
    cleanUpPending: (serving) =>
      `${serving} est en service et les utilisateurs ne remarquent rien. Ce qui reste à faire sera repris par la prochaine opération, ou par : updater recover`,
    probation: (serving) =>
      `${serving} est en service, mais se porte mal. Le retour automatique n’a pas pu se faire, voir ci-dessus ; à vous de décider.`,
    probationNext:
      "Pourquoi : updater logs --operation. Pour revenir : updater rollback, qui dit d’abord ce qui serait perdu.",
  },

  status: {
    instance: (name, url) => `${name}  ${url}`,
    serving: "en service",
    servedUntilNow: "en service jusqu’à la fermeture",
    previous: "précédente",
    candidate: "en préparation",
    abandoned: "quittée par un retour arrière",
    kept: "conservée",
    running: "démarrée",
    stopped: "arrêtée",
    bareMetal: (folder) => `tel qu’installé à la main dans ${folder}`,
    nothingServing: "Aucune version n’est en service.",
    gateClosed: "L’entrée est fermée : les utilisateurs attendent.",
    unfinished: (operation, to, since, step) =>
      `Inachevé : ${operations[operation]} ${to} du ${since} ; l’outil a été tué à « ${step} ». Rien n’est perdu. Pour l’annuler ou la terminer : updater recover`,
    toTidy: (operation, to, steps) =>
      `Reste à faire de l’opération « ${operations[operation]} ${to} », sans effet pour les utilisateurs : ${steps.join(", ")}. Pour réessayer : updater recover`,
    operation: (operation, holder, since) =>
      `En cours : ${operation}, par ${holder}, depuis le ${since}`,
    generation: (number, tag, local, what, since) =>
      `génération ${number}  ${tag}  local ${local}  ${what}, créée le ${since}`,
    settingsChanged: (files) =>
      `Modifié depuis, pas encore utilisé : ${files.join(", ")}. Pour essayer : updater settings check. Pour appliquer : updater swap --settings-only`,
    wayBack: ({ tag, following, reason, notLossless, until }) => {
      if (!following) {
        return `Retour à ${tag} : sa base ne suit pas ; un retour perdrait ce qui a été saisi depuis qu’elle s’est arrêtée.`;
      }
      const { state, lag, kept, limit, refused, example } = following;
      const isOver = Date.parse(until) < Date.now();
      const log = `journal gardé pour elle : ${size(kept)}${limit === null ? "" : ` (au plus ${size(limit)})`}`;
      const first = {
        working: `Retour à ${tag} : sa base suit, ${isOver ? "bien que son délai soit écoulé depuis le" : "au moins jusqu’au"} ${moment(until)}, à ${size(lag)} près ; ${log}.${isOver ? " Pour y mettre fin : updater prune" : ""}`,
        stopped: `Retour à ${tag} : sa base ne suit plus, en retard de ${size(lag)} ; ${log}. Pourquoi : ${reason ?? "docker logs de son conteneur le dit."}`,
        lost: `Retour à ${tag} : sa base n’a pas pu suivre, il s’est écrit plus que ce qui est gardé pour elle. Un retour perdrait ce qui a été saisi depuis.`,
      }[state];
      const lossy =
        notLossless.length === 0
          ? ""
          : `\n  Une partie de ce qui est écrit dans ${shortList(notLossless.map(({ table }) => table))} n’est pas gardée.`;
      if (!example) return first + lossy;
      return `${first}${lossy}\n  ${count(refused)} ${refused < 2 ? "ligne n’entre" : "lignes n’entrent"} pas, la première dans ${example.table}, clé ${example.key} : ${example.reason}`;
    },
    rehearsal: (tag, url) =>
      `répétition de ${tag}, conservée pour être visitée : ${url ?? "arrêtée"}`,
    last: (operation, to, outcome, at) =>
      `Dernière opération : ${operations[operation]} ${to}, ${outcome}, le ${at}`,
  },
  outcomes: {
    done: "fait",
    refused: "refusé",
    restored: "échec, production rétablie",
    "needs-human": "échec, intervention nécessaire",
    "clean-up-pending": "en service, ménage à finir",
  },
  history: {
    verdicts: { "not-ready": "pas prête", remarks: "prête, avec des remarques", ready: "prête" },
    empty: "Rien n’a encore été fait ici.",
    what: (operation, from, to) =>
      from === null || from === to
        ? `${operations[operation]} ${to}`
        : `${operations[operation]} ${from} → ${to}`,
    line: (at, what, outcome, hold, id) => `${at}  ${what}  ${outcome}${hold}  ${id}`,
    hold: (milliseconds) => `, attente de ${seconds(milliseconds)}`,
  },
  versions: {
    serving: "en service",
    none: "Il n’y a pas de version plus récente.",
  },
  built: (tag, image) => `L’image de BiomAid ${tag} est prête : ${image}`,
  pruned: (generations, images) =>
    generations.length + images.length === 0
      ? "Il n’y avait rien à supprimer."
      : `Supprimé : ${[...generations, ...images].join(", ")}`,
  relocated: (instance, from, to) =>
    from === null || from === to
      ? `L’instance ${instance} est gérée depuis ${to}.`
      : `L’instance ${instance} est désormais gérée depuis ${to}, et non plus depuis ${from}.`,
  generationName: (number, tag) => `génération ${number} (${tag})`,
  unfinishedName: (number) => `génération ${number} (inachevée)`,
  announcement: {
    none: "Rien n’est annoncé.",
    shown: (text, from, until) =>
      `Annoncé${from ? ` à partir du ${from}` : ""}${until ? ` jusqu’au ${until}` : from ? "" : " jusqu’au retrait"} : ${text}`,
    news: (version, until) =>
      `Les nouveautés de ${version} sont montrées aux utilisateurs jusqu’au ${until}.`,
    noNews: "Aucune nouveauté n’est montrée aux utilisateurs.",
    over: (text, until) => `Annonce terminée le ${until} : ${text}`,
  },
  slots: {
    day: (index, width) => weekday("fr", index, width),
    title: (since, timeZone) =>
      `Requêtes par demi-heure de la semaine (${timeZone}), en moyenne depuis le ${since}, fichiers statiques exclus :`,
    legend: (most, unknown) =>
      `█ ${count(most)} ${most < 2 ? "requête" : "requêtes"}${unknown ? "   · encore inconnu : le journal ne remonte pas jusque-là" : ""}`,
    quietest: (unknown) =>
      unknown ? "Les plus calmes de celles que le journal couvre :" : "Les plus calmes :",
    requests: (number) =>
      `${number.toLocaleString("fr", { minimumFractionDigits: 1, maximumFractionDigits: 1 })} ${number < 2 ? "requête" : "requêtes"}`,
  },
  destroyed: (instance) => `L’instance ${instance} et tout son contenu sont supprimés.`,

  errors: {
    usage: (problem) => ({
      what: usage[problem.kind](problem.given),
      next: problem.suggestion
        ? `Vouliez-vous dire ${problem.suggestion} ? Sinon : ${helpOf(problem)}`
        : helpOf(problem),
    }),
    unknownLanguage: ({ language }) => ({
      what:
        language === ""
          ? "Il manque une valeur à l’option --lang."
          : `Il n’y a pas de textes en « ${language} ».`,
      next: "Choisissez --lang en ou --lang fr.",
    }),
    destroyUnconfirmed: ({ instance }) => ({
      what: `Ceci supprimerait l’instance ${instance}, avec sa base de données, ses médias et ses sauvegardes.`,
      next: `Si c’est bien ce que vous voulez : updater destroy --yes ${instance}`,
    }),
    operationUnknown: ({ id }) => ({
      what:
        id === ""
          ? "Aucune opération n’a encore laissé de journal."
          : `Il n’y a pas de journal d’une opération ${id}.`,
      next: "Pour voir celles qui existent : updater history",
    }),
  },
};
