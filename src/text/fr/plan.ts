import type { plan as english } from "../en/plan.ts";
import { count, day } from "./format.ts";
import { size } from "./measures.ts";

type Kind = Parameters<typeof english.setting>[1];
type FileChange = Parameters<typeof english.localFile>[0]["change"];

const settingKinds: Record<Kind, string> = {
  added: "nouveau dans",
  removed: "disparu de",
  changed: "modifié dans",
};

const fileChanges: Record<FileChange, string> = {
  added: "nouveau",
  removed: "disparu",
  modified: "modifié",
};

const goesAnyway = "aucune : la copie disparaît aussi";

const tooLittle = (needed: number, free: number) => (free < needed ? " : trop peu" : "");

export const plan: typeof english = {
  title: (instance, from, to) => `${instance} : BiomAid ${from} → ${to}`,
  honest: "Ce que l’on peut savoir sans essayer. Rien n’a été modifié.",
  more: (number) => `… et ${count(number)} de plus (--verbose)`,
  none: "aucune",
  date: day,

  tags: (number) => (number <= 1 ? "Une version plus loin" : `${number} versions plus loin`),
  sameTag: "La même version, avec d’autres réglages",
  notes: "Nouveautés",
  noNotes: "Ces versions n’ont pas de notes.",

  migrations: (number) => `Migrations à venir : ${number}`,
  newApplication: "nouvelle application",
  irreversible: "Django ne saurait pas l’annuler",
  emptyMigration: "ne fait rien",
  harmless: (number) => `… et ${number} sans rien à surveiller (--verbose)`,
  risks: {
    unknown: (targets) => `code propre (${targets}) : seule une répétition dit ce qu’il fait`,
    removes: (targets) => `des données disparaissent : ${targets}`,
    required: (targets) => `ne peut pas être vide : ${targets}`,
    converts: (targets) => `autre type, que l’ancienne version peut ignorer : ${targets}`,
    locks: (targets) => `verrouille la table le temps de la lire : ${targets}`,
  },

  settings: "Réglages du site",
  noExamples: "Les deux versions n’ont pas d’exemple de réglages en commun.",
  settingsAlike: (files) => `aucune différence dans ${files}`,
  setting: (name, kind, file, inSite) =>
    `${name}${inSite ? ", défini par votre site" : ""} : ${settingKinds[kind]} ${file}`,
  ownSettings: (files) => `ceux du site, modifiés depuis : ${files.join(", ")}`,
  onlyTheRest: "seulement le reste",

  dependencies: (number) => `Paquets qui diffèrent : ${number}`,
  dependency: (name, before, after) =>
    before === null
      ? `${name} : nouveau, ${after}`
      : after === null
        ? `${name} : disparu (${before})`
        : `${name} : ${before} → ${after}`,

  local: "Configuration locale",
  localCommits: (ref, from, to) =>
    from === to ? `commit ${to} (${ref}), comme aujourd’hui` : `commit ${from} → ${to} (${ref})`,
  localFile: ({ file, change }) => `${fileChanges[change]} : ${file}`,
  localAlike: "aucun fichier ne diffère",
  localUnknown: "Celle en service ne s’y trouve plus : pas de comparaison possible.",

  needs: "Ce qu’il faut",
  disk: (needed, free) =>
    `disque : il faut ${size(needed)}, il reste ${size(free)}${tooLittle(needed, free)}`,
  memory: (needed, free) =>
    `mémoire : il faut ${size(needed)}, il reste ${size(free)}${tooLittle(needed, free)}`,
  image: (built) => (built ? "image : déjà construite" : "image : pas encore construite"),

  rehearsal: "Répétition",

  steps: (tag) => `Ce que fait updater swap ${tag}`,
  step: "étape",
  undoneBy: "annulation",
  waiting: "▮ les utilisateurs attendent",
  undo: {
    "mail-before": "rien : le courriel est parti",
    "prepare-news": "rien n’est montré",
    "announce-swap": "le bandeau est retiré",
    "clone-database": "la copie est supprimée",
    "prepare-backup": "l’essai est supprimé",
    backup: "aucune : la sauvegarde reste",
    snapshot: "aucune : l’instantané reste",
    "start-candidate": "la candidate est supprimée",
    "start-gates": "la salle d’attente est retirée",
    "pause-jobs": "les tâches reprennent",
    "snapshot-media": "les liens sont supprimés",
    "complete-media": "les liens sont supprimés",
    "await-quiet": "rien à annuler",
    "close-gate": "l’entrée rouvre : on continue",
    fence: "les écritures reprennent",
    "build-image": "aucune : l’image est conservée",
    "catch-up": goesAnyway,
    promote: goesAnyway,
    migrate: goesAnyway,
    boot: goesAnyway,
    probe: goesAnyway,
    "publish-changes": goesAnyway,
    "publish-boot": goesAnyway,
  },
  noUndo: "aucune",
  committed: "à partir d’ici : updater rollback",
};
