import type { commandHelp as english } from "../en/help.ts";
import { commandDetails } from "./help-details.ts";

export const commandHelp: typeof english = {
  program:
    "Mettre à jour un site BiomAid : aucune requête en échec, aucune saisie perdue, et un retour possible.\n\n" +
    "La première fois :    updater init 0.8.0\n" +
    "Une mise à jour :     updater rehearse 0.8.1, puis updater swap 0.8.1\n" +
    "Si elle ne va pas :   updater rollback",
  usage: "Usage :",
  programUsage: "[options] [commande]",
  arguments: "Arguments :",
  options: "Options :",
  globalOptions: "Options de toutes les commandes :",
  commands: "Commandes :",
  values: {
    file: "FICHIER",
    folder: "DOSSIER",
    where: "OÙ",
    language: "LANGUE",
    lines: "LIGNES",
    run: "EXÉCUTION",
    text: "TEXTE",
    moment: "MOMENT",
    schedule: "FRÉQUENCE",
    id: "IDENTIFIANT",
    instance: "INSTANCE",
    command: "COMMANDE",
    name: "NOM",
    ref: "REF",
    time: "HEURE",
  },
  help: "afficher cette aide, ou celle d’une commande",
  helpCommand: "expliquer une commande",
  config:
    "lire la configuration du site dans ce fichier (par défaut : $UPDATER_CONFIG, ou updater.toml dans ce dossier)",
  json: "écrire événements et résultat en JSON, un objet par ligne, sur la sortie standard",
  lang: "choisir la langue des messages : en ou fr (par défaut : celle de l’environnement)",
  verbose:
    "afficher aussi ce qu’écrivent constructions, migrations et points d’insertion, et les traces d’erreur",
  adopt: "dire ce que deviendrait un BiomAid de cette machine, se placer devant lui ou l’emménager",
  adoptStandIn: "se placer devant lui : les utilisateurs passent par l’outil sans rien remarquer",
  adoptAsTagged: "laisser derrière ce que le site a modifié dans BiomAid",
  adoptRehearse:
    "essayer l’emménagement sur une copie des données, et comparer ce que les deux montrent",
  adoptSwitch: "l’emménager : les utilisateurs attendent quelques secondes, rollback ramène",
  adoptRestartDatabase:
    "redémarrer pour cela le PostgreSQL de cette machine, une fois, s’il le faut",
  adoptFinish: "mettre fin au retour, et dire ce qui peut être retiré de l’ancienne installation",
  adoptUndo: "laisser tout comme trouvé",
  adoptWrite: "écrire aussi une configuration dans ce nouveau dossier",
  init: "créer l’instance, à l’étiquette TAG ou à la version la plus récente",
  fromDump: "partir d’une sauvegarde : de pg_dump (archive ou SQL) ou de manage.py backup",
  initMedia: "copier aussi les médias de ce dossier",
  versions: "lister les versions disponibles, celle en service, les plus récentes",
  build: "construire l’image à l’étiquette TAG, et rien d’autre",
  plan: "dire ce que ferait une bascule vers TAG, sans l’essayer",
  rehearse: "essayer TAG sur une copie des données de production, et dire ce que ferait la bascule",
  keep: "la laisser ouverte sur un port de cette machine, pour la visiter",
  report: "écrire aussi un rapport HTML, pour qui doit décider",
  removeRehearsal: "retirer une répétition conservée",
  local:
    "prendre ce commit, cette étiquette ou cette branche du dépôt local du site, au lieu de la règle",
  localOnly:
    "garder la version en service, et ne changer que sa configuration locale : celle de REF, ou selon la règle",
  settingsOnly: "garder la version en service, et prendre les réglages du site tels qu’ils sont",
  settings: "comparer, modifier et vérifier les réglages du site",
  settingsDiff: "dire ce qui diffère entre les réglages de la version en service et de TAG",
  settingsEdit: "modifier les réglages du site, et les mettre en place une fois essayés",
  editInstanceConfig: "modifier instance_config.toml au lieu d’instance_settings.py",
  settingsCheck: "essayer des réglages sur une copie des données, et dire ce qui ne va pas",
  settingsFile: "essayer ce fichier au lieu de l’instance_settings.py du site",
  instanceConfigFile: "essayer ce fichier au lieu de l’instance_config.toml du site",
  dryRun: "ne rien modifier, dire ce qui serait fait : comme updater plan TAG",
  override: "passer outre une vérification qui refuse, par son nom ; peut être répétée",
  swap: "mettre TAG à la place de la version en service (bascule)",
  rollback: "remettre la génération précédente en service (retour arrière)",
  acceptDataLoss: "accepter de perdre ce que l’ancienne version ne peut recevoir",
  exportLost: "écrire dans ce dossier, en SQL et CSV, ce qui serait perdu",
  doctor: "dire si cette machine et le site sont aptes, et ce qui y remédie",
  metrics: "l’afficher pour Prometheus",
  status: "dire ce qui est en service, ce qui est conservé, ce qui est en cours",
  slots: "montrer les demi-heures les plus calmes de la semaine, d’après le journal du proxy",
  history: "dire ce qui a été fait, quand, et avec quel résultat",
  logs: "afficher le journal de l’application en service, ou d’une opération",
  follow: "continuer d’afficher",
  tail: "afficher autant de lignes (par défaut : 200)",
  operation:
    "afficher le journal d’une opération : son identifiant (voir updater history), ou la dernière",
  recover: "mettre fin à ce qu’un outil tué avait commencé",
  announce: "afficher un bandeau sur les pages, le retirer, ou dire lequel est affiché",
  announceFrom: "le montrer à partir de cette heure (par défaut : tout de suite)",
  announceUntil: "le montrer jusqu’à cette heure (par défaut : jusqu’à ce qu’il soit retiré)",
  announceRemove: "le retirer",
  announceNews:
    "montrer les nouveautés de la version en service ; avec --remove : ne plus les montrer",
  backup: "sauvegarder ce qui est en service et le restaurer à part pour vérifier",
  backups: "lister les sauvegardes et les instantanés, leur date, et si elles ont été vérifiées",
  restore:
    "mettre le contenu d’une sauvegarde ou d’un instantané à la place de ce qui est en service",
  acceptRestoreLoss: "accepter de perdre ce qui a été écrit depuis la sauvegarde",
  restoreInto: "écrire les fichiers d’un instantané dans ce dossier, sans rien changer d’autre",
  attach: "suivre une opération en cours, qui que ce soit qui l’ait lancée",
  detach: "lancer l’opération et rendre la main",
  foreground: "l’exécuter dans ce processus ; une connexion perdue l’annule alors",
  relocate: "indiquer que le dossier du site se trouve désormais ici",
  exec: "lancer une commande dans l’application en service",
  at: 'commencer à "22:30", à "2026-12-01 22:30" ou à une heure calme (quiet), après une répétition',
  scheduled:
    "lister les bascules qui attendent leur heure, et dire comment les précédentes ont fini",
  scheduledCancel: "annuler celle qui attend",
  jobs: "dire ce qu’ont fait les tâches périodiques de BiomAid, et leur prochain passage",
  jobsStart: "démarrer, ou redémarrer, ce qui les lance à l’heure dite",
  jobsStop: "le retirer",
  jobsRun: "lancer maintenant les tâches d’une fréquence : quarter_hourly, hourly, daily ou weekly",
  jobsCancel: "arrêter les tâches en cours",
  jobsLog:
    "afficher ce qu’a écrit une exécution : son identifiant, la dernière d’une fréquence, ou la dernière de toutes",
  prune: "supprimer ce que la politique de conservation ne garde pas",
  destroy: "supprimer l’instance et tout son contenu, données des utilisateurs comprises",
  destroyYes: "confirmer, par le nom de l’instance",
  all: "lister aussi celles d’avant la version en service",
  exitCodes: `Codes de sortie :
  0  fait
  1  refusé, rien n’a changé
  2  ligne de commande ou configuration erronée
  3  échec ; la production est comme avant, en service
  4  échec, une intervention est nécessaire
  5  la nouvelle version est en service, il reste du ménage à faire`,

  details: commandDetails,
};
