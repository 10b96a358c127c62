import type { findings as english } from "../en/report-findings.ts";
import { count } from "./format.ts";
import { duration, size } from "./measures.ts";
import { operations } from "./operations.ts";

const askAuthors = "Demandez aux auteurs de BiomAid si c’est voulu, avant de décider.";
const atBoot =
  "Vérifiez quelle configuration locale va avec cette version ([local] dans updater.toml, config.d dans ce dépôt), puis répétez de nouveau.";

/** « 1 ligne », « 12 lignes » */
export const rows = (number: number) => `${count(number)} ligne${number > 1 ? "s" : ""}`;

const ofRows = (number: number | null) =>
  number === null ? "d’un nombre inconnu de lignes" : `de ${rows(number)}`;

const author = (by: "migration" | "boot") =>
  by === "migration" ? "une migration" : "BiomAid, à son démarrage,";

export const findings: typeof english = {
  "release-fails": ({ step, reason }) => ({
    what: `La nouvelle version échoue à l’étape « ${operations.steps[step]} » : ${reason}`,
    why: "Une bascule échouerait au même endroit et serait annulée. La suite n’a pas pu être répétée.",
    next: "Transmettez ce rapport aux auteurs de BiomAid, ou choisissez une autre version : updater versions",
  }),
  "rows-lost": ({ table, rows: lost, before, by }) => ({
    what: `${table} perd ${count(lost)} de ses ${rows(before)} : ${author(by)} les supprime.`,
    why: "Elles existaient avant la mise à jour et n’existent plus après.",
    next: by === "migration" ? askAuthors : atBoot,
  }),
  "values-changed": ({ table, column, rows }) => ({
    what: `${table}.${column} : la mise à jour change le contenu ${ofRows(rows)}.`,
    why: "Des valeurs saisies par des personnes ne sont plus les mêmes après.",
    next: askAuthors,
  }),
  "table-dropped": ({ table, rows: lost, by }) => ({
    what: `${table} disparaît, avec ${rows(lost)} : ${author(by)} la supprime.`,
    why: "Ses lignes ne sont plus nulle part après.",
    next: by === "migration" ? askAuthors : atBoot,
  }),
  "long-lock": ({ migration, table, milliseconds, limit }) => ({
    what: `${migration} verrouille ${table} pendant ${duration(milliseconds)} (limite : ${duration(limit)}).`,
    why: "Pendant ce temps rien ne peut utiliser cette table, et tout le monde attend.",
    next: "Choisissez une heure creuse et acceptez-le, ou demandez aux auteurs de BiomAid une migration plus douce.",
  }),
  "hold-too-long": ({ predicted, max }) => ({
    what: `Les utilisateurs attendraient ${duration(predicted)} ; une bascule renonce après ${duration(0.8 * max)}, les quatre cinquièmes de hold.max.`,
    why: "Une telle bascule renonce avant la fin et s’annule, après une attente pour rien.",
    next: "Augmentez hold.max (updater.toml) et choisissez une heure creuse, puis répétez de nouveau.",
  }),
  "constraint-broken": ({ table, constraint, rows: broken }) => ({
    what: `${table} : ${rows(broken)} ne ${broken > 1 ? "respectent" : "respecte"} pas ${constraint}.`,
    why: "La nouvelle version compte sur cette règle. Modifier une telle ligne échoue, restaurer une sauvegarde peut-être aussi.",
    next: "Corrigez ces lignes dans BiomAid (la règle est plus bas), puis répétez de nouveau.",
  }),
  "sequence-behind": ({ sequence }) => ({
    what: `${sequence} est en retard sur les numéros déjà utilisés.`,
    why: "Le prochain enregistrement recevrait un numéro qui existe déjà, et serait refusé.",
    next: "Signalez-le aux auteurs de BiomAid ; setval() répare après la mise à jour.",
  }),
  "page-fails": ({ page, status, signedIn }) => ({
    what: `${page} ${status === 0 ? "ne répond pas" : `répond ${status}`}${signedIn ? " à un utilisateur connecté" : ""}.`,
    why: "La version en service affiche cette page ; avec la nouvelle, personne ne pourrait s’en servir.",
    next: "Lisez pourquoi (updater logs --operation) et signalez-le aux auteurs de BiomAid.",
  }),
  "sql-error": ({ page, message }) => ({
    what: `${page} : la base de données refuse quelque chose : ${message}`,
    why: "À cet endroit le code et la base ne vont pas ensemble, même si la page affiche quelque chose.",
    next: "Lisez le message entier (updater logs --operation) et signalez-le aux auteurs de BiomAid.",
  }),
  "page-slower": ({ page, before, after }) => ({
    what: `${page} répond en ${duration(after)} au lieu de ${duration(before)}.`,
    why: "Les utilisateurs le remarqueraient.",
    next: "Regardez-la de nouveau après la bascule ; une réponse lente peut être un hasard.",
  }),
  "page-differs": ({ page, lines }) => ({
    what: `${page} montre ${lines === 1 ? "une ligne" : `${lines} lignes`} autrement que l’installation à la main.`,
    why: "L’ordre des noms, une langue ou un fichier n’est peut-être pas le même ici. Ce qui a été écrit depuis la copie se voit aussi.",
    next: "Regardez les deux côte à côte : updater adopt --rehearse --keep",
  }),
  "page-failed-before": ({ page, status }) => ({
    what: `${page} échoue déjà aujourd’hui (${status === 0 ? "pas de réponse" : status}).`,
    why: "Elle ne peut pas dire si la nouvelle version va bien, et une bascule est annulée si elle n’y répond pas 200.",
    next: "Réparez-la, ou retirez-la de [probe] dans updater.toml. Ce qui n’échoue que faute de réseau ira bien lors d’une bascule.",
  }),
  "no-user-to-probe": () => ({
    what: "Aucun utilisateur actif pour se connecter : seules les pages publiques ont été essayées.",
    why: "Ces pages ne touchent presque pas la base. Une panne derrière la connexion passerait inaperçue.",
    next: "Nommez un utilisateur sous [probe] dans updater.toml, puis répétez de nouveau.",
  }),
  "rewrites-table": ({ migration, table }) => ({
    what: `${migration} réécrit ${table} de la première à la dernière ligne.`,
    why: "C’est d’autant plus long que la table est grande, et prend une deuxième fois sa place sur le disque.",
    next: "Rien, si l’attente prévue ici vous convient.",
  }),
  irreversible: ({ migrations }) => ({
    what:
      migrations.length === 1
        ? `Django ne sait pas annuler ${migrations[0]}.`
        : `Django ne sait pas annuler ${migrations.length} migrations : ${migrations.join(", ")}.`,
    why: "manage.py ne pourrait pas ramener la base en arrière. updater rollback le peut : il revient à la base quittée.",
    next: "Rien. Voyez « Revenir en arrière » pour ce que cela perd.",
  }),
  "rollback-loses": ({ lossy, impossible }) => ({
    what: `${[...lossy, ...impossible].join(", ")} : l’ancienne version ne pourrait pas reprendre tout ce qui y est saisi après la bascule.`,
    why: "Les anciennes tables n’ont pas ce que la nouvelle version y écrit, ou exigent ce qu’elle n’écrit plus.",
    next: "Examinez bien la nouvelle version le premier jour, tant que revenir en arrière coûte peu.",
  }),
  "mapping-fails": ({ table, column, reason }) => ({
    what: `rollback.map.${table}.${column} ne convient pas à toutes les lignes : ${reason}`,
    why: "Un retour arrière ne pourrait pas garder ce qui y est écrit après la bascule.",
    next: "Corrigez l’expression dans updater.toml, puis recommencez la répétition.",
  }),
  "settings-added": ({ names }) => ({
    what: `${names.join(", ")} : ${names.length === 1 ? "réglage nouveau, que le site ne fixe pas" : "réglages nouveaux, que le site ne fixe pas"}.`,
    why: "La nouvelle version prend sa propre valeur par défaut, quand elle en a une.",
    next: "Lisez-les dans les réglages d’exemple et ajoutez ceux qui vous conviennent à votre instance_settings.py.",
  }),
  "settings-removed": ({ names }) => ({
    what: `${names.join(", ")} : ${names.length === 1 ? "le site le fixe, la nouvelle version ne le connaît pas" : "le site les fixe, la nouvelle version ne les connaît pas"}.`,
    why: "Ce que le site en attendait n’a peut-être plus lieu.",
    next: "Cherchez dans les notes de version ce qui les remplace.",
  }),
  "column-dropped": ({ table, column, rows: held }) => ({
    what: `${table}.${column} disparaît ; ${rows(held)} y ${held > 1 ? "avaient" : "avait"} une valeur.`,
    why: "La nouvelle version s’en passe, ou a rangé ces valeurs ailleurs.",
    next: "Assurez-vous que personne n’en a besoin. Elles restent dans la sauvegarde et dans la génération précédente.",
  }),
  "values-filled": ({ table, column, rows }) => ({
    what: `${table}.${column} était vide et reçoit une valeur : contenu ${ofRows(rows)}.`,
    why: "Rien n’est perdu ; la nouvelle version a mis une valeur là où il n’y en avait pas.",
    next: "Rien, si les nouvelles valeurs ont un sens pour ceux qui s’en servent.",
  }),
  "hold-near-limit": ({ predicted, max }) => ({
    what: `Les utilisateurs attendraient ${duration(predicted)}, près de hold.max (${duration(max)}).`,
    why: "Un jour chargé, la bascule pourrait renoncer et s’annuler.",
    next: "Choisissez une heure creuse, ou augmentez hold.max (updater.toml).",
  }),
  "disk-short": ({ needed, free }) => ({
    what: `La bascule demande ${size(needed)} de disque ; il en reste ${size(free)}.`,
    why: "Elle s’arrêterait pendant la copie de la base. La production n’en souffrirait pas.",
    next: "Faites de la place : updater prune, docker system df",
  }),
  "memory-short": ({ needed, free }) => ({
    what: `La bascule demande ${size(needed)} de mémoire ; il en reste ${size(free)}.`,
    why: "Deux versions tournent côte à côte un moment ; la machine ralentirait ou en arrêterait une.",
    next: "Arrêtez autre chose pendant ce temps, ou donnez plus de mémoire à la machine.",
  }),
};
