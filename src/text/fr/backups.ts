import type { backups as english, WrittenRows } from "../en/backups.ts";
import { toSql, word } from "../psql.ts";
import { moment } from "./format.ts";
import { duration, size } from "./measures.ts";
import { readOperationLog, rows } from "./operations.ts";

const writtenText = (written: readonly WrittenRows[] | null) => {
  if (written === null) return "le nombre de lignes est inconnu";
  const tables = written.map(({ table, rows: number }) => `${table} (${rows(number, "")})`);
  return tables.length > 0 ? tables.join(", ") : "aucune ligne, mais peut-être des suppressions";
};

export const backups: typeof english = {
  errors: {
    dumpUnreadable: ({ file, reason }) => ({
      what: `La sauvegarde ${file} est illisible : ${reason}`,
      next: "Donnez le chemin d’un fichier que vous avez le droit de lire.",
    }),
    notADump: ({ file }) => ({
      what: `${file} n’est pas une sauvegarde : ni de pg_dump (archive ou SQL), ni de manage.py backup ou dumpdata.`,
      next: "Faites-en une avec pg_dump -Fc ou avec manage.py backup.",
    }),
    dumpRefused: ({ file, reason }) => ({
      what: `La sauvegarde ${file} n’a pas pu être restaurée : ${reason}`,
      next: "Donnez une sauvegarde de la base du site qui convienne à la version par laquelle vous commencez, comme en écrit pg_dump -Fc.",
    }),
    dumpBreaksOff: ({ file }) => ({
      what: `${file} est interrompu : il manque la fin qu’écrit pg_dump.`,
      next: "Refaites la sauvegarde, ou copiez-la à nouveau en comparant sa taille avec l’original.",
    }),
    dumpTooLarge: ({ file, free }) => ({
      what: `La place manque pour ${file} : il reste ${size(free)} sur le disque, et une partie n’y est pas encore.`,
      next: "Faites de la place (updater prune, docker system df), puis recommencez.",
    }),
    dumpUnsuitable: ({ file, why, packed, postgres }) => ({
      what: {
        folder: `${file} est un dossier : une sauvegarde de pg_dump au format « directory » doit d’abord devenir un fichier.`,
        tar: `${file} est une sauvegarde de pg_dump au format tar, qui ne se lit pas ici.`,
        newer: `${file} vient d’un pg_dump plus récent que la base d’ici, PostgreSQL ${postgres}, qui ne sait pas lire une telle archive.`,
        cluster: `${file} contient tout un serveur et non une seule base : c’est pg_dumpall qui l’a écrit.`,
      }[why],
      next:
        why === "cluster"
          ? "Là d’où elle vient, prenez la base du site seule : pg_dump -Fc -f FICHIER BASE"
          : `Faites-en du SQL, là où elle a été écrite, et donnez celui-ci : ${toSql(file, packed)}`,
    }),
    dumpLeavesOut: ({ file, roles, settings }) => ({
      what: `${file} contient aussi ce qui n’est pas repris : ${[
        roles.length > 0
          ? `ce à quoi ${roles.join(", ")} ${roles.length > 1 ? "ont" : "a"} droit là-bas`
          : "",
        settings.length > 0 ? `des réglages de sa base (${settings.join(", ")})` : "",
      ]
        .filter(Boolean)
        .join(" ; ")}.`,
      next:
        roles.length > 0
          ? "Ici, seul BiomAid lit sa base : trouvez ce qui lit encore l’ancienne avant de l’arrêter."
          : "BiomAid s’en passe.",
    }),
    backupFailed: ({ reason }) => ({
      what: `La sauvegarde n’a pas pu être faite, ou n’a pas pu être restaurée à l’essai : ${reason}`,
      next: `${readOperationLog} Ce qui avait déjà pu être restauré est conservé : updater backups`,
    }),
    ownBackupLeftOut: ({ limitMs, lastMs }) => ({
      what: `La sauvegarde propre à BiomAid est laissée de côté, celle de la base étant faite : ${
        lastMs !== null && lastMs > limitMs
          ? `la dernière a pris ${duration(lastMs)}, et backup.json_limit vaut ${duration(limitMs)}.`
          : `elle prend plus longtemps que backup.json_limit, ${duration(limitMs)}.`
      } Pour la faire pendant que le site sert : updater backup`,
      next: "Pour l’attendre plus longtemps avant chaque mise à jour, écrivez un backup.json_limit plus grand.",
    }),
    backupUnknown: ({ name, newest }) => ({
      what: `Il n’y a ni sauvegarde, ni instantané, ni fichier ${name}.`,
      next:
        newest === undefined
          ? "Pour en faire une : updater backup"
          : `La sauvegarde la plus récente est ${newest}. Toutes : updater backups`,
    }),
    backupDamaged: ({ name, at }) => ({
      what: `La sauvegarde ${name} n’est plus ce qu’elle était quand elle a été vérifiée, le ${moment(at)} : sa taille ou son empreinte diffère.`,
      next: "Choisissez-en une autre (updater backups), ou remettez la copie que vous gardez ailleurs.",
    }),
    snapshotRepository: ({ repository, reason, perhapsNew }) => ({
      what: `Le dépôt d’instantanés ${repository} ne peut pas être utilisé : ${reason}`,
      next: `${perhapsNew ? "S’il n’y en a jamais eu là, le premier updater backup le crée. " : ""}Vérifiez qu’il est là (disque monté, machine joignable) et que son mot de passe et ses clés sont ceux de [backup.snapshots], puis recommencez.`,
    }),
    snapshotFailed: ({ reason }) => ({
      what: `L’instantané n’a pas pu être fait, ou n’a pas pu être relu : ${reason}`,
      next: `${readOperationLog} Les sauvegardes de la base déjà vérifiées sont conservées : updater backups`,
    }),
    snapshotDamaged: ({ name, reason }) => ({
      what: `L’instantané ${name} n’est pas lisible en entier : ${reason}`,
      next: `Choisissez-en un autre : updater backups. Ce qui reste lisible de celui-ci : updater restore ${name} --into DOSSIER`,
    }),
    intoUnwritable: ({ folder, reason }) => ({
      what: `L’instantané ne peut pas être écrit dans ${folder} : ${reason}`,
      next: "Donnez le chemin d’un dossier vide de cette machine, ou qui n’existe pas encore.",
    }),
    noSnapshots: () => ({
      what: "--into sert aux instantanés, et updater.toml ne désigne aucun dépôt d’instantanés.",
      next: "Ajoutez-y [backup.snapshots] ; docs/configuration.md explique ses clés.",
    }),
    restoreLosesData: ({ name, at, lost }) => ({
      what: `${name} date du ${moment(at)}. Ce qui a été écrit depuis n’y est pas : ${writtenText(lost)}.`,
      next: `Si vous acceptez de le perdre : updater restore ${word(name)} --accept-data-loss. Ce qui est en service est conservé : updater rollback --accept-data-loss y revient.`,
    }),
    backupsFolder: ({ folder, found }) => ({
      what: `Le dossier ${folder}, dans le volume de sauvegardes du site, n’est pas celui de l’outil (${found}).`,
      next: "Voyez qui l’a créé et déplacez-le : updater exec -- ls -la /srv/backups",
    }),
  },
};
