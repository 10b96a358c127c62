import {
  type lossText as englishLossText,
  type operations as english,
  type outsideText as englishOutsideText,
  type preparedText as englishPreparedText,
} from "../en/operations.ts";
import { alike } from "../pages.ts";
import { endPrepared, psql, setLogged, sortAgain } from "../psql.ts";
import { count, moment, shortList } from "./format.ts";
import { waitHint, waitText } from "./waits.ts";

export const outsideText: typeof englishOutsideText = ({
  tables,
  views,
  databases,
  largeObjects,
}) =>
  [
    tables.length > 0 ? `tables d’autres schémas (${shortList(tables)})` : "",
    largeObjects > 0 ? `objets volumineux (${count(largeObjects)})` : "",
    views.length > 0 ? `vues matérialisées (${shortList(views)})` : "",
    databases.length > 0 ? `autres bases (${shortList(databases)})` : "",
  ]
    .filter(Boolean)
    .join(", ");

export const preparedText: typeof englishPreparedText = (transactions) =>
  shortList(transactions.map(({ id, database }) => `« ${id} » (${database})`));

const answersText = (answers: Pages) =>
  alike(answers)
    .map(({ pages, status, signedIn }) => {
      const many = pages.length > 1;
      const verb =
        status === 0
          ? `ne ${many ? "répondent" : "répond"} pas`
          : `${many ? "répondent" : "répond"} ${status}`;
      return `${pages.join(", ")} ${verb}${signedIn ? " à un utilisateur connecté" : ""}`;
    })
    .join(" ; ");

type Pages = Parameters<typeof english.errors.pagesFail>[0]["pages"];

const checkText = (last: Pages | number | string) => {
  if (typeof last === "number") return `aucune réponse en ${last} s`;
  return typeof last === "string" ? last : answersText(last);
};

export const readOperationLog =
  "Pour lire ce qui a été écrit : updater logs --operation, ou la même commande avec --verbose.";

/** « 1 ligne », « 3 lignes supprimées » */
export const rows = (number: number, what: string) =>
  `${count(number)} ${number > 1 ? "lignes" : "ligne"}${what && ` ${what}${number > 1 ? "s" : ""}`}`;

export const lossText: typeof englishLossText = (lost) =>
  lost === null
    ? "le nombre de lignes est inconnu"
    : lost
        .map(({ table, rows: whole, partly, columns, deleted }) => {
          const parts = [
            whole > 0 ? rows(whole, "") : "",
            partly > 0 ? `${columns.join(", ")} de ${rows(partly, "")}` : "",
            deleted > 0 ? `${rows(deleted, "supprimée")} de retour` : "",
          ];
          return `${table} (${parts.filter(Boolean).join(" ; ")})`;
        })
        .join(", ");

const megabytes = (bytes: number) => `${count(Math.ceil(bytes / 1_000_000))} Mo`;

export const operations: typeof english = {
  steps: {
    "read-requests": "Lecture du journal du proxy",
    examine: "Examen de la machine et du site",
    "find-release": "Recherche de la version",
    preflight: "Vérifications préalables",
    "build-own-images": "Images : proxy, base, salle d’attente",
    "start-proxy": "Ouverture du port",
    "reach-bare-metal": "Accès au site tel qu’il est, et à ses pages",
    "stand-in": "Prise de la place de gunicorn",
    "leave-place": "Restitution de sa place à gunicorn",
    "remove-instance": "Retrait de l’instance",
    "build-image": "Construction de l’image",
    "create-database": "Création de la base de données",
    "restore-dump": "Restauration de la sauvegarde",
    "copy-database": "Copie de la base de cette machine",
    "enable-replication": "Préparation de cette base à être copiée",
    "replicate-database": "Copie pendant qu’on y écrit",
    "move-database": "Reprise des dernières écritures",
    "return-media": "Retour des médias",
    "start-service": "Démarrage du service de cette machine",
    analyze: "Statistiques de la base",
    "pause-cron": "Mise en commentaire de ses lignes de cron",
    "resume-cron": "Retour de ses lignes de cron",
    "clear-media": "Retrait des copies de ses médias",
    "bring-media": "Copie des médias",
    "prepare-news": "Lecture des nouveautés",
    "announce-swap": "Annonce aux utilisateurs",
    "mail-before": "Courriel d’annonce aux utilisateurs",
    "mail-after": "Courriel de fin aux utilisateurs",
    "end-announcement": "Retrait de l’annonce",
    "tell-news": "Nouveautés montrées aux utilisateurs",
    "prepare-backup": "Préparation de l’essai de sauvegarde",
    backup: "Sauvegarde, et essai de restauration",
    snapshot: "Instantané, et sa relecture",
    "fetch-snapshot": "Récupération de tout l’instantané",
    "open-repository": "Réponse du dépôt d’instantanés",
    "list-snapshots": "Liste des instantanés",
    "clone-database": "Copie de la base en service",
    "load-backup": "Chargement de la sauvegarde",
    "start-candidate": "Préparation de la nouvelle version",
    "pause-jobs": "Suspension des tâches périodiques",
    "resume-jobs": "Reprise des tâches périodiques",
    "run-jobs": "Exécution des tâches",
    "start-gates": "Préparation de la salle d’attente",
    "await-quiet": "Charge de la machine",
    "close-gate": "Fermeture de l’entrée",
    fence: "Suspension des écritures",
    "catch-up": "Dernières écritures vers la copie",
    promote: "Copie rendue autonome",
    migrate: "Migration",
    "publish-changes": "Saisies gardées pour un retour",
    boot: "Démarrage",
    probe: "Essai de ses pages",
    "publish-boot": "De même pour ses nouvelles tables",
    follow: "Mise en suivi de la version quittée",
    "catch-up-previous": "Rattrapage de l’ancienne version",
    "return-writes": "Reprise des saisies",
    "snapshot-media": "Conservation des médias",
    "complete-media": "Conservation des derniers médias",
    "compare-media": "Recherche des médias changés",
    "restore-media": "Remise en place des médias",
    "check-files": "Vérification de chaque fichier",
    "end-following": "Fin du suivi",
    commit: "Bascule",
    "switch-static": "Bascule des fichiers statiques",
    "stop-gates": "Fin de la salle d’attente",
    probation: "Surveillance de la nouvelle version",
    "release-clone": "Fin du lien avec la copie",
    retire: "Arrêt de la génération quittée",
    retention: "Politique de conservation",
    "resume-previous": "Réveil de la génération précédente",
    "mark-abandoned": "Marquage de la génération quittée",
    "compare-sources": "Comparaison des sources",
    "load-settings": "Chargement des réglages",
    "clear-rehearsal": "Nettoyage avant la répétition",
    "detach-copy": "Séparation de la copie et de la production",
    sanitize: "Script du site sur la copie",
    "ask-serving": "Pages de la version en service",
    "measure-data": "Relevé des données de la copie",
    "compare-data": "Comparaison des données et du schéma",
    "compare-boot": "Effets du démarrage",
    "measure-needs": "Mesure des besoins",
    "remove-rehearsal": "Retrait de la répétition",
    "keep-rehearsal": "Ouverture de la répétition",
    "hook:users_inform_before": "Point users_inform_before",
    "hook:instance_stop": "Point instance_stop",
    "hook:backup": "Point backup",
    "hook:local_dir_update": "Point local_dir_update",
    "hook:code_install": "Point code_install",
    "hook:instance_launch": "Point instance_launch",
    "hook:users_inform_after": "Point users_inform_after",
  },

  notes: {
    "nothing-new": "NEWS.md ne dit rien de cette version : rien n’est montré aux utilisateurs.",
    "serving-not-asked":
      "La version en service n’a pas répondu sur la copie : les pages sont jugées sans comparaison.",
    "settings-changed":
      "Les réglages du site ont changé depuis la mise en service : les nouveaux viennent avec.",
    "rehearsal-tidied": "Retiré ce qu’une répétition interrompue avait laissé.",
    "backup-tidied": "Retiré : ce qu’une sauvegarde tuée avait laissé.",
    "not-following":
      "La version quittée ne peut pas suivre : un retour perdrait ce qui est saisi à partir d’ici. Pourquoi : updater logs --operation",
    unsupervised:
      "Le moteur ne peut pas l’exécuter lui-même : si ce terminal est fermé, l’opération est annulée.",
    "no-user-to-probe":
      "La base de données n’a aucun utilisateur actif : seules les pages publiques ont été essayées.",
    "files-not-checked":
      "Impossible de vérifier que chaque fichier est là ; le journal de l’opération dit pourquoi : updater logs --operation",
    "probation-in-queue":
      "Des requêtes précèdent le contrôle : la nouvelle version les traite, et l’attente ne lui est pas reprochée.",
    "probation-cut-short": "La surveillance est écourtée ; la nouvelle version reste en service.",
  },

  errors: {
    noInstance: ({ instance }) => ({
      what: `Il n’y a pas d’instance ${instance} sur ce moteur Docker.`,
      next: "Pour la créer : updater init",
    }),
    instanceExists: ({ instance }) => ({
      what: `Il y a déjà une instance ${instance} sur ce moteur Docker.`,
      next: "Examinez-la (updater status) ou choisissez un autre nom dans updater.toml.",
    }),
    leftovers: ({ instance }) => ({
      what: `Il y a sur ce moteur Docker des morceaux d’une instance ${instance}, et rien ne dit ce qui est en service : un init jamais terminé, ou un site dont le volume control est perdu.`,
      next: `S’ils contiennent des données (docker volume ls), copiez-les d’abord : docs/depannage.md, « Un fichier d’état abîmé ». Sinon : updater destroy --yes ${instance}, puis : updater init`,
    }),
    stateDamaged: ({ instance, reason }) => ({
      what: `Le fichier d’état de l’instance ${instance} n’est pas fiable : ${reason}`,
      next: `Examinez state.json dans le volume biomaid-${instance}-control : docs/depannage.md, « Un fichier d’état abîmé ».`,
    }),
    writtenByNewer: ({ instance, reason }) => ({
      what: `Ce qui est conservé de l’instance ${instance} a été écrit par une version plus récente de l’outil : ${reason}`,
      next: "Utilisez cette version ou une plus récente : docs/depannage.md, « Une version plus récente de l’outil ».",
    }),
    journalDamaged: ({ instance, reason }) => ({
      what: `Ce qu’une opération sur l’instance ${instance} a laissé de son journal n’est pas fiable : ${reason}`,
      next: `Mettez-le de côté (journal.json dans le volume biomaid-${instance}-control) : docs/depannage.md, « Un journal abîmé ».`,
    }),
    journalContradicts: (found) => ({
      what: `Le journal de l’instance ${found.instance} parle de l’opération « ${found.operation} ${found.to} », mais les utilisateurs sont envoyés à l’emplacement ${found.slot}, qui n’est d’aucun des deux côtés.`,
      next: `Mettez-le de côté (journal.json dans le volume biomaid-${found.instance}-control) : docs/depannage.md, « Un journal abîmé ».`,
    }),
    killed: ({ operation, to }) => ({
      what: `L’outil a été tué pendant « ${operation} ${to} ».`,
      next: "Pour recommencer, tapez de nouveau la même commande.",
    }),
    recoveryFails: ({ operation, to, reason }) => ({
      what: `« ${operation} ${to} », dont l’outil a été tué, n’a pu être ni annulé ni terminé : ${reason}`,
      next: "Réparez ce qui est nommé, puis : updater recover",
    }),
    recoveryTriedAgain: ({ operation, to, reason, seconds }) => ({
      what: `« ${operation} ${to} », dont l’outil a été tué, n’a pas encore pu être mené à son terme ; nouvel essai dans ${seconds} s : ${reason}`,
      next: "Réparez entre-temps ce qui est nommé.",
    }),
    operatorGone: ({ instance }) => ({
      what: `Ce qui exécutait l’opération sur ${instance} a pris fin sans un mot.`,
      next: "Examinez l’instance (updater status) ; si quelque chose est inachevé : updater recover",
    }),
    volumeGone: ({ volume }) => ({
      what: `Le volume ${volume} a disparu, et ce qu’il contenait avec lui.`,
      next: "Rien ici ne peut le rendre. Copiez d’abord une sauvegarde ailleurs, destroy les supprime aussi : docs/depannage.md, « Quelque chose a été arrêté ou supprimé ».",
    }),
    unfinished: ({ operation, to }) => ({
      what: `« ${operation} ${to} » a été commencé et jamais terminé.`,
      next: "Terminez-le d’abord : updater recover",
    }),
    locked: (held) => ({
      what: `${held.holder} exécute « ${held.operation} » sur l’instance ${held.instance} depuis le ${moment(held.since)}.`,
      next: "Suivez-la (updater attach) ou attendez sa fin (updater status), puis recommencez.",
    }),
    gateIsClosed: ({ instance }) => ({
      what: `Une opération sur l’instance ${instance} s’est interrompue en chemin : l’entrée est fermée et les utilisateurs attendent.`,
      next: "updater doctor donne la commande qui la rouvre. Sinon : docs/depannage.md, « L’entrée est fermée ».",
    }),
    otherFolder: ({ instance, here, known }) => ({
      what: `L’instance ${instance} est gérée depuis ${known}, et ce dossier est ${here}.`,
      next: "Si c’est une copie, donnez-lui un nom à elle : instance dans updater.toml. Si le dossier du site a été déplacé ici : updater relocate",
    }),
    alreadyServing: ({ tag }) => ({
      what: `${tag} est déjà en service, avec la même configuration locale et les mêmes réglages.`,
      next: "Il n’y a rien à faire. Pour voir les autres versions : updater versions. Pour la refaire : updater swap TAG --override already-serving",
    }),
    olderThanServing: ({ tag, serving }) => ({
      what: `${tag} est plus ancien que ${serving}, qui est en service : son code ne convient pas à la base déjà migrée.`,
      next: "Pour revenir à la génération précédente : updater rollback",
    }),
    servingUnhealthy: ({ tag, pages }) => ({
      what: `${tag}, en service, se porte mal : ${answersText(pages) || "aucune réponse sensée n’est venue"}.`,
      next: "Lisez son journal (updater logs) et réparez avant de mettre à jour. Pour passer outre : updater swap TAG --override unhealthy",
    }),
    servingStopped: ({ container }) => ({
      what: `${container}, qui fait partie de la génération en service, est arrêté.`,
      next: "Démarrez-le (updater recover), puis recommencez.",
    }),
    inodesTooFew: ({ needed, free }) => ({
      what: `La copie demande environ ${count(needed)} inodes ; il en reste ${count(free)} là où le moteur garde ses volumes.`,
      next: "Faites de la place (updater prune, docker system df), puis recommencez. Pour basculer quand même : updater swap TAG --override disk",
    }),
    diskTooSmall: ({ needed, free }) => ({
      what: `La copie de la base demande environ ${megabytes(needed)} de disque ; il en reste ${megabytes(free)} là où Docker range ses volumes.`,
      next: "Faites de la place (updater prune, docker system df), puis recommencez. Pour passer outre : updater swap TAG --override disk",
    }),
    unloggedTables: (found) => ({
      what: `Sans journal (UNLOGGED), et pas vides : ${shortList(found.tables)}. Une copie de la base les a vides, et la nouvelle version les aurait vides.`,
      next: `Pour qu’elles soient copiées : ${setLogged(found, found.tables)}. Si personne n’a besoin de leur contenu : updater swap TAG --override unlogged`,
    }),
    preparedTransactions: ({ transactions, container }) => ({
      what: `Des transactions préparées n’ont jamais été terminées : ${preparedText(transactions)}. La bascule les attendrait, et les utilisateurs avec elle.`,
      next: `Terminez-les une à une : ${endPrepared(container, transactions, "COMMIT")}. COMMIT garde ce qu’elle a fait, ROLLBACK l’abandonne. Puis la suivante.`,
    }),
    extensionsMissing: (found) => ({
      what: `L’image de la base n’a pas ce qu’il faut à ces extensions : ${found.extensions.join(", ")}. Ce qui s’en sert échoue, peut-être une sauvegarde aussi.`,
      next: `Si rien ne s’en sert : ${psql(found, [`DROP EXTENSION ${found.extensions.join(", ")}`])}`,
    }),
    collationsChanged: (found) => ({
      what: `Des index sont triés selon d’autres versions de collations que celles de l’image de la base : ${[...found.collations, ...(found.own ? [found.database] : [])].join(", ")}. Des lignes peuvent rester introuvables, et des doublons passer.`,
      next: `Faites-les trier de nouveau : ${sortAgain(found, found.collations, found.own)}`,
    }),
    followsNot: (found) => ({
      what: `Un retour ne ramènerait pas ce qui sera écrit après la bascule dans : ${outsideText(found)}.`,
      next: "Pour les tables et les objets volumineux, il dit combien et demande d’abord : docs/rollback.md, « What is kept, and what is not ».",
    }),
    noVersions: ({ repository }) => ({
      what: `Le dépôt ${repository} n’a aucune étiquette de version.`,
      next: "Vérifiez repository sous [source] dans updater.toml.",
    }),
    mediaFolder: ({ folder, reason }) => ({
      what: `Il n’y a pas de médias à copier dans ${folder} : ${reason}`,
      next: "Donnez le dossier MEDIA_ROOT du site dont ils viennent : updater init TAG --media DOSSIER",
    }),
    mediaElsewhere: ({ folder }) => ({
      what: `La machine du moteur n’a pas de ${folder}, ou en a un autre : c’est le moteur qui copie les médias.`,
      next: "Tapez la commande sur cette machine. Dans un conteneur de l’outil : donnez un dossier que la machine lui prête, docs/container.md",
    }),
    mediaNotBrought: ({ folder, uid, reason }) => ({
      what: `Une partie de ${folder} n’a pas pu être copiée, lue en tant qu’utilisateur ${uid}, à qui est le dossier : ${reason}`,
      next: `Remettez en ordre ce qui est nommé, ou déplacez-le, puis tapez à nouveau la même commande. Tout ce qui peut gêner : find ${folder} -not -user ${uid} -ls`,
    }),
    mediaLinks: ({ folder, links }) => ({
      what: `Parmi les médias de ${folder}, ${links === 1 ? "un lien mène" : `${count(links)} liens mènent`} hors de ce dossier, et nulle part dans le nouveau site.`,
      next: `Lesquels : find ${folder} -type l -ls`,
    }),
    portTaken: ({ address, port }) => ({
      what: `Impossible d’ouvrir ${address}:${port} : le port est pris, ou l’adresse n’est pas celle de cette machine.`,
      next: "Choisissez une autre adresse ou un autre port sous [listen] dans updater.toml.",
    }),
    noFreeSlot: () => ({
      what: "Tous les emplacements de génération sont pris.",
      next: "Libérez-en un : updater prune",
    }),
    baseImageMissing: ({ image }) => ({
      what: `L’image ${image} n’est pas sur ce moteur Docker.`,
      next: "Récupérez-la ou construisez-la (npm run setup), ou désignez-en une autre sous [[build.versions]] dans updater.toml.",
    }),
    buildFailed: ({ image, reason }) => ({
      what: `L’image « ${image} » de l’outil ne se construit pas : ${reason}`,
      next: "Pour tout voir : la même commande avec --verbose. Derrière un serveur mandataire qui inspecte le trafic, renseignez build.ca_bundle dans updater.toml.",
    }),
    buildTooLong: ({ image, hours, doing }) => ({
      what: `L’image ${image} n’était pas construite au bout de ${count(hours)} h. Derniers mots de la construction : ${doing}`,
      next: "Voyez si la machine atteint ce qu’elle télécharge (updater doctor), puis recommencez.",
    }),
    releaseDoesNotBuild: ({ tag, reason }) => ({
      what: `BiomAid ${tag} ne se construit pas : ${reason}`,
      next: readOperationLog,
    }),
    releaseFails: ({ tag, reason }) => ({
      what: `BiomAid ${tag} a échoué : ${reason}`,
      next: readOperationLog,
    }),
    pagesFail: ({ tag, pages }) => ({
      what: `Des pages de BiomAid ${tag} ne répondent pas comme il faut : ${answersText(pages)}.`,
      next: readOperationLog,
    }),
    applicationEnded: ({ while: asked }) => ({
      what: `Le conteneur de l’application s’est arrêté pendant l’étape « ${asked} ».`,
      next: readOperationLog,
    }),
    databaseDoesNotStart: ({ container, seconds }) => ({
      what: `La base de données de ${container} ne démarre pas${seconds === null ? "" : ` : aucune réponse en ${count(seconds)} s`}.`,
      next: readOperationLog,
    }),
    gateDoesNotStart: () => ({
      what: "La salle d’attente, qui retient les requêtes, ne démarre pas.",
      next: "Examinez le moteur Docker (docker info, df), puis recommencez.",
    }),
    cloneFailed: ({ reason }) => ({
      what: `La copie de la base en service a échoué : ${reason}`,
      next: "Examinez le disque (df) et le journal (updater logs --operation), puis recommencez.",
    }),
    standbyLocked: ({ seconds, tables }) => ({
      what: `Impossible de lire la copie de la base pendant ${count(seconds)} s : des transactions en cours verrouillent ${shortList(tables)}.`,
      next: "Recommencez quand ce qui modifie ces tables sera fini : updater doctor montre les transactions ouvertes.",
    }),
    replayGoesOn: ({ seconds }) => ({
      what: `La copie de la base devait s’immobiliser, et ne l’a pas fait en ${count(seconds)} s.`,
      next: "Examinez le disque (df, iostat) et le journal (updater logs --operation), puis recommencez.",
    }),
    notPromoted: ({ seconds }) => ({
      what: `La copie n’est pas devenue une base à part entière en ${count(seconds)} s.`,
      next: "Examinez le disque (df, iostat) et le journal (updater logs --operation), puis recommencez.",
    }),
    followerGoesOn: ({ seconds }) => ({
      what: `Ce qui reprend les saisies pour l’ancienne version a été arrêté, et tourne encore au bout de ${count(seconds)} s.`,
      next: "Examinez le disque (df, iostat), puis recommencez : updater rollback",
    }),
    standbyLags: ({ bytes }) => ({
      what: `La copie ne rattrape pas la base en service : ${megabytes(bytes)} de retard.`,
      next: "Recommencez à une heure plus calme.",
    }),
    holdTooLong: ({ seconds, awaited }) => ({
      what: `Les utilisateurs auraient attendu plus que hold.max (${count(seconds)} s)${awaited === null ? "" : ` : ${waitText(awaited)}`}.`,
      next: [
        awaited && waitHint(awaited),
        "Voyez ci-dessus quelle étape est longue ; accordez plus de temps (hold.max dans updater.toml) ou choisissez une heure calme.",
      ]
        .filter(Boolean)
        .join(" "),
    }),
    interrupted: () => ({
      what: "Interrompu.",
      next: "Recommencez quand vous voudrez.",
    }),
    hookDied: ({ point, program, reason }) => ({
      what: `Le programme du point ${point} (${program}) n’a pas pu être lancé, ou a été tué : ${reason}.`,
      next: `Vérifiez que ce que nomme sa première ligne est sur cette machine, et que la mémoire suffit : head -1 ${program}; dmesg | tail`,
    }),
    hookFailed: (hook) => ({
      what:
        hook.status === null
          ? `Le programme du point ${hook.point} (${hook.program}) n’a pas fini en ${count(hook.seconds)} s.`
          : `Le programme du point ${hook.point} (${hook.program}) a rendu le code ${hook.status}.`,
      next: readOperationLog,
    }),
    probationFailed: ({ tag, failures, last }) => ({
      what: `BiomAid ${tag} a échoué ${failures} fois de suite aux contrôles qui suivent la bascule. La dernière : ${checkText(last)}.`,
      next: "Pourquoi : updater logs --operation",
    }),
    nothingToRollBackTo: () => ({
      what: "Aucune génération précédente n’est conservée.",
      next: "Pour voir les générations : updater status",
    }),
    previousGone: ({ tag, gone }) => ({
      what: `BiomAid ${tag} ne peut pas être remis en service sans ce qui a été supprimé : ${gone.join(", ")}`,
      next: `Une image se refait (updater build ${tag}), un volume non. Pour aller plutôt de l’avant : updater versions`,
    }),
    mediaNotCopied: ({ reason }) => ({
      what: `Les médias ne peuvent pas être conservés tels quels : ${reason}`,
      next: "Si la version n’y touche pas : rollback.snapshot_media = false dans updater.toml, puis la même commande.",
    }),
    rollbackLosesData: ({ tag, lost }) => ({
      what:
        lost === null
          ? `La base de ${tag} ne suit plus : ce qui a été saisi depuis n’y est pas, et le nombre de lignes est inconnu.`
          : `${tag} ne peut pas garder tout ce qui a été saisi depuis la bascule. Revenir perdrait : ${lossText(lost)}.`,
      next: `${lost === null ? "" : "Pour en garder une copie : updater rollback --export DOSSIER. "}Si vous acceptez cette perte (le reste est gardé) : updater rollback --accept-data-loss`,
    }),
    exportUnwritable: ({ folder, reason }) => ({
      what: `Ce qui est perdu ne peut être écrit dans ${folder} : ${reason}`,
      next: "Donnez le chemin d’un dossier vide, ou qui n’existe pas encore.",
    }),
    followerLags: ({ seconds, bytes }) => ({
      what: `La base de l’ancienne version n’a pas rattrapé en ${count(seconds)} s ce que les utilisateurs ont saisi : ${bytes === null ? "rien ne le prend en compte" : `${megabytes(bytes)} de retard`}.`,
      next: "Voyez updater status, puis réessayez : updater rollback",
    }),
    roomTooSmall: ({ resource, needed, free }) => ({
      what: `Il faut environ ${megabytes(needed)} de ${resource === "disk" ? "disque" : "mémoire"} ; il en reste ${megabytes(free)}.`,
      next:
        resource === "disk"
          ? "Faites de la place (updater prune, docker system df), puis recommencez."
          : "Arrêtez ce qui tourne d’autre sur cette machine, puis recommencez.",
    }),
    engineRefuses: ({ reason }) => ({
      what: `Docker n’a pas fait ce qui lui était demandé : ${reason}`,
      next: "Remédiez à ce qu’il nomme, puis recommencez. Pour en savoir plus : updater logs --operation",
    }),
    databaseRefuses: ({ reason }) => ({
      what: `PostgreSQL a refusé quelque chose : ${reason}`,
      next: "Remédiez à ce qu’il nomme, puis recommencez. Pour en savoir plus : updater logs --operation",
    }),
    internal: ({ reason }) => ({
      what: `Un imprévu est survenu : ${reason}`,
      next: "Signalez-le, avec ce qu’affiche la même commande suivie de --verbose.",
    }),
  },
};
