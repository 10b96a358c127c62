import { rehearsalOf, swapTo } from "../typed.ts";
import type { page as english } from "../en/report-page.ts";
import { count } from "./format.ts";
import { rows } from "./report-findings.ts";

const s = (number: number) => (number > 1 ? "s" : "");

/** Libellés du rapport HTML. */
export const page: typeof english = {
  title: (instance, from, to) => `Répétition, instance ${instance} : ${from} → ${to}`,
  kind: "Répétition d’une mise à jour",
  heading: (from, to) => `BiomAid ${from} → ${to}`,
  about: (instance, at) =>
    `Instance ${instance}, sur une copie de ses données du ${at}. La production n’a pas été touchée.`,
  sanitized: "Le script du site a d’abord modifié la copie (rehearse.sanitize).",
  sentence: {
    ready: () => "La mise à jour peut avoir lieu : rien ne s’y oppose.",
    remarks: (_, remarks) =>
      remarks === 1
        ? "La mise à jour peut avoir lieu, une fois la remarque lue."
        : `La mise à jour peut avoir lieu, une fois les ${remarks} remarques lues.`,
    "not-ready": (blocking) =>
      `La mise à jour ne devrait pas avoir lieu : ${blocking === 1 ? "une raison s’y oppose" : `${blocking} raisons s’y opposent`}.`,
  },
  details: "Détails",
  contents: "Sommaire",
  notReached: (step) => `Inconnu : la répétition s’est terminée avant, à l’étape « ${step} ».`,
  nothing: "Rien.",
  unknown: "inconnu",
  none: "aucun",
  yes: "oui",
  no: "non",

  short: {
    wait: "Qui s’en apercevra, et combien de temps attend-on ?",
    waits: (time) =>
      `Qui se sert de BiomAid à ce moment-là attend environ ${time}, une seule fois. Aucune requête n’échoue et aucune saisie n’est perdue.`,
    limit: (max) =>
      `La mise à jour renonce et s’annule plutôt que de faire attendre plus de ${max} (hold.max).`,
    over: (time, max) =>
      `L’attente serait d’environ ${time}, plus que les ${max} permises (hold.max) : la mise à jour renoncerait et s’annulerait.`,
    data: "Que perd-on ?",
    dataKept: "Aucune ligne, et aucune valeur parmi celles comparées.",
    rowsLost: (number, tables) =>
      `${rows(number)} dans ${tables === 1 ? "une table" : `${tables} tables`}.`,
    valuesChanged: (columns) =>
      columns === 1
        ? "Ce qui a été saisi dans une colonne est modifié."
        : `Ce qui a été saisi dans ${columns} colonnes est modifié.`,
    columnsDropped: (columns) =>
      columns === 1
        ? "Une colonne qui contenait quelque chose disparaît."
        : `${columns} colonnes qui contenaient quelque chose disparaissent.`,
    back: "Peut-on revenir en arrière ?",
    backYes: (tag, time) =>
      `Oui, à ${tag}, par une seule commande ; les utilisateurs attendent à peu près autant que pour la mise à jour, ou moins${time === null ? "" : ` (environ ${time})`}. Ce qui a été saisi après la mise à jour revient avec, autant que l’ancienne version a de quoi le recevoir : voir « Revenir en arrière ».`,
    next: "Et maintenant ?",
    nextReady: (choice) => swapTo(choice),
    nextReadyText: "Choisissez un moment, puis :",
    nextNot: (choice) => rehearsalOf(choice),
    nextNotText: "Réglez ce qui est sous « Ce qui a été trouvé », puis répétez de nouveau :",
  },

  sign: {
    heading: "Décision",
    go: "Feu vert",
    goWithRemarks: "Feu vert, avec ces remarques",
    noGo: "Feu rouge",
    planned: "Prévu pour le (jour, heure)",
    name: "Nom",
    date: "Date",
    signature: "Signature",
  },

  findings: {
    heading: "Ce qui a été trouvé",
    none: "Rien qu’il faille savoir avant la mise à jour.",
    blocking: "S’y oppose",
    remark: "Remarque",
    why: "Pourquoi c’est important",
    next: "Que faire",
    override: "Pour basculer quand même :",
  },

  hold: {
    heading: "Combien de temps on attend",
    intro:
      "Les requêtes attendent pendant que les dernières écritures sont copiées et que les migrations se font. Tout le reste a lieu à côté de la version en service.",
    gauge: (total, max) => `Environ ${total}, sur ${max} au plus`,
    gaugeOver: (total, max) => `Environ ${total}, plus que les ${max} permises`,
    gaugeText: (percent, giveUp) =>
      `C’est ${percent} % de ce que permet hold.max. La mise à jour renonce à ${giveUp}, aux quatre cinquièmes, pour avoir encore le temps de revenir en arrière.`,
    limit: "hold.max",
    giveUp: "renonce",
    part: "Ce qui se passe pendant ce temps",
    time: "Durée",
    starts: (at) => `commence après ${at}`,
    measured: "mesuré pendant la répétition",
    estimated: "d’expérience : seule une vraie mise à jour peut le dire",
    estimatedShort: "estimé",
    total: "En tout",
  },

  migrations: {
    heading: "Migrations",
    none: "Aucune migration n’est nécessaire.",
    intro: (number, time) =>
      `${number === 1 ? "Une migration" : `${number} migrations`}, ${time} en tout, les plus longues d’abord. Le numéro dit dans quel ordre elles se font.`,
    irreversible: "sans retour",
    rewrites: "réécrit une table",
    failed: "échec",
    notAtomic: "pas en une seule transaction",
    failure: "Pourquoi elle a échoué",
    operations: "Opérations",
    noOperations: "Elle ne change rien dans la base.",
    statements: "SQL",
    statementsKept: (kept, all) =>
      `Les ${count(kept)} premières instructions sur ${count(all)}. Les valeurs ne sont jamais montrées.`,
    time: "Durée",
    rowsOf: rows,
    locks: "Verrous",
    table: "Table",
    mode: "Genre de verrou",
    held: "Tenu pendant",
    rewritten: "Tables réécrites",
    touched: "Lignes touchées",
    inserted: "ajoutées",
    updated: "modifiées",
    deleted: "supprimées",
  },

  data: {
    heading: "Les données, avant et après",
    tables: "Lignes par table",
    scale:
      "Barres : lignes avant (gris) et après (bleu). L’échelle est logarithmique : d’un repère au suivant, il y en a dix fois plus.",
    table: "Table",
    before: "Avant",
    after: "Après",
    bars: (before, after) => `lignes avant : ${before}, après : ${after}`,
    same: (number) =>
      `${number === 1 ? "Une autre table a" : `${number} autres tables ont`} autant de lignes et les mêmes valeurs qu’avant`,
    noneChanged: "Aucune table n’a d’autres lignes ou d’autres valeurs qu’avant.",
    added: (by) => `nouvelle, par ${by}`,
    dropped: (by) => `supprimée, par ${by}`,
    recreated: (by) => `supprimée et recréée, par ${by}`,
    renamed: (from) => `s’appelait ${from}`,
    removedRows: (number) => `− ${rows(number)}`,
    addedRows: (number) => `+ ${rows(number)}`,
    atBoot: (migrated, booted) =>
      `${migrated} après les migrations, ${booted} après le premier démarrage`,
    values: "Valeurs qui ne sont plus les mêmes",
    column: "Colonne",
    change: "Ce qui a changé",
    rows: "Lignes",
    constraints: "Règles que des lignes ne respectent pas",
    constraint: "Règle",
    sequences: "Numérotation (séquences)",
    sequence: "Séquence",
    behind: "en retard : le prochain enregistrement serait refusé",
    sequencesFine: (number) =>
      number === 1 ? "Une autre est en ordre" : `${number} autres sont en ordre`,
    sequencesAll: (number) =>
      number === 1 ? "Elle est en ordre." : `Toutes (${number}) sont en ordre.`,
  },

  schema: {
    heading: "Changements de structure de la base",
    none: "La structure reste la même.",
    byBoot: "par BiomAid, à son démarrage",
  },

  back: {
    heading: "Revenir en arrière",
    honest:
      "Après une bascule, la base de l’ancienne version suit celle de la nouvelle. updater rollback y revient avec tout ce qu’elle peut recevoir, et dit auparavant, ligne par ligne, ce qu’elle ne peut pas.",
    classes:
      "Ce qui est saisi après la mise à jour, et ce que la base de l’ancienne version en reprend :",
    could: "L’ancienne base reprend",
    tables: "Tables",
    why: "Pourquoi",
    lossless: (number) => `tout (sans perte) : ${number} table${s(number)}`,
    none: "Rien n’a été comparé.",
  },

  pages: {
    heading: "Pages essayées",
    intro: "Demandées aux deux versions, sur les mêmes données.",
    none: "Aucune page n’a été essayée.",
    page: "Page",
    signedIn: "connecté",
    status: "Réponse",
    time: "Durée",
    size: "Taille",
    noAnswer: "pas de réponse",
    refused: "La base de données a refusé :",
  },

  source: {
    settings: "Réglages",
    settingsIntro: (files) =>
      `Différences entre les fichiers d’exemple des deux versions (${files}). Les valeurs sont celles des exemples ; celles du site ne sont jamais montrées.`,
    settingsNone: "Les réglages d’exemple sont les mêmes.",
    name: "Nom",
    change: "Changement",
    added: "nouveau",
    removed: "disparu",
    changed: "autre exemple",
    before: "Avant",
    after: "Après",
    inSite: "Fixé par le site",
    local: "Configuration locale",
    localSame: "Le même commit que maintenant.",
    localRef: (ref, from, to) => `${ref} : ${from} → ${to}`,
    localUnknown:
      "Impossible de dire ce qui a changé : l’un des deux commits n’est pas dans le dépôt.",
    localNoFiles: "Aucun fichier n’a changé.",
    files: { added: "ajouté", removed: "supprimé", modified: "modifié" },
    file: "Fichier",
    dependencies: "Programmes avec lesquels elle est construite",
    dependenciesNone: "Tous restent les mêmes.",
    dependency: "Paquet",
    notes: "Nouveautés",
    notesIntro: (tags) =>
      `Notes de version de ${tags}, telles que les auteurs de BiomAid les ont écrites.`,
    notesNone: "Il n’y a pas de notes de version.",
  },

  needs: {
    heading: "Ce qu’il faut",
    disk: "Disque",
    memory: "Mémoire",
    image: "Image",
    of: (needed, free) => `il faut ${needed}, il reste ${free}`,
    tooLittle: "trop peu",
    imageChange: (from, to) => `${from} → ${to}`,
  },

  identity: {
    heading: "Ce qui a été répété exactement",
    intro:
      "Une bascule ne se sert de ce verdict que pour cette image précise, et tant que les données ne sont pas trop anciennes.",
    from: "En service",
    to: "Nouvelle",
    tag: "Version",
    commit: "Commit",
    local: "Configuration locale",
    image: "Image",
    digest: "Son empreinte",
    rehearsal: "La répétition",
    when: "Quand",
    between: (start, end) => `du ${start} au ${end}`,
    data: "Données",
    dataAt: (at, size, position) => `${at}, ${size}, jusqu’à la position ${position}`,
    id: "Numéro de la répétition",
  },
};
