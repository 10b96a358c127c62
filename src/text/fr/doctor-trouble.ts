import type { trouble as english } from "../en/doctor-trouble.ts";
import { endPrepared, psql, setLogged, sortAgain } from "../psql.ts";
import { count, day, moment, shortList } from "./format.ts";
import { ago, checks, plural } from "./doctor-words.ts";
import { size } from "./measures.ts";
import { outsideText, preparedText } from "./operations.ts";

type Failure = Parameters<(typeof english)["unreachable"]>[0]["failure"];

const failures: Record<Failure, string> = {
  name: "son nom est introuvable",
  connection: "la connexion échoue",
  timeout: "il ne répond pas",
  tls: "son certificat n’est pas reconnu",
  proxy: "le serveur mandataire demande un mot de passe",
  status: "il refuse la demande",
};

const remedies: Record<Failure, string> = {
  name: "Voyez le DNS du moteur (« dns » dans /etc/docker/daemon.json), ou réglez build.https_proxy",
  connection: "Ouvrez le pare-feu au moteur, ou réglez build.http_proxy et build.https_proxy",
  timeout: "Ouvrez le pare-feu au moteur, ou réglez build.http_proxy et build.https_proxy",
  tls: "Réglez build.ca_bundle dans updater.toml : un fichier PEM avec l’autorité de votre réseau",
  proxy:
    "Mettez l’URL du serveur mandataire et son mot de passe dans build.https_proxy_file (updater.toml)",
  status: "Demandez à qui gère le serveur mandataire ou le miroir de laisser passer",
};

export const trouble: typeof english = {
  checkFailed: ({ check, reason }) => ({
    what: `Non examiné (${checks[check]}) : ${reason}`,
    why: "Nul ne sait si cette partie est comme il faut.",
    fix: "updater doctor --verbose",
  }),
  checkTooLong: ({ check, seconds }) => ({
    what: `Sans réponse pendant ${plural(seconds, "seconde")} (${checks[check]}).`,
    why: "Quelque chose est bloqué, et le serait aussi pendant une mise à jour.",
    fix: "updater doctor --verbose ; puis voyez le moteur : journalctl -u docker",
  }),
  storageDriver: ({ driver }) => ({
    what: `Le moteur range les images avec « ${driver} ».`,
    why: "Images et conteneurs sont lents à faire, ou prennent toute leur taille sur le disque.",
    fix: 'Réglez "storage-driver": "overlay2" dans /etc/docker/daemon.json ; systemctl restart docker',
  }),
  builderFails: ({ reason }) => ({
    what: `BuildKit ne construit pas : ${reason}`,
    why: "Aucune version ne peut être construite.",
    fix: "journalctl -u docker ; puis systemctl restart docker, quand personne n’est sur le site",
  }),
  noImage: () => ({
    what: "Aucune des images de l’outil n’est sur ce moteur.",
    why: "Disque, horloge et réseau ne peuvent pas être examinés depuis un conteneur.",
    fix: "npm run setup",
  }),
  diskTooSmall: ({ needed, free }) => ({
    what: `Disque : il reste ${size(free)} là où le moteur met ses volumes ; la prochaine bascule en demande ${size(needed)}.`,
    why: "swap refuse : la copie de la base ne tiendrait pas.",
    fix: "updater prune ; docker builder prune ; docker system df montre le reste",
  }),
  fewInodes: ({ free, total }) => ({
    what: `Inodes : il en reste ${count(free)} sur ${count(total)} là où le moteur met ses volumes.`,
    why: "Une image a des dizaines de milliers de fichiers ; sans inodes, le disque est plein.",
    fix: "updater prune ; docker builder prune ; docker image prune",
  }),
  memoryTooSmall: ({ needed, free }) => ({
    what: `Mémoire : il reste ${size(free)} ; une candidate à côté de la version en service en demande ${size(needed)}.`,
    why: "swap refuse : le noyau tuerait un processus, peut-être celui qui sert.",
    fix: "docker stats montre qui la prend ; baissez site.workers dans updater.toml, ou ajoutez-en",
  }),
  clockOff: ({ seconds, against }) => ({
    what: `Horloge : ${plural(seconds, "seconde")} d’écart entre cette machine et ${against}.`,
    why: "Les certificats, les sessions et l’ordre des opérations en dépendent.",
    fix: "timedatectl set-ntp true",
  }),
  clockUnsynchronised: () => ({
    what: "Horloge : rien ne la tient à l’heure (NTP est éteint, ou n’atteint aucun serveur).",
    why: "Elle va dériver ; les certificats et les sessions en dépendent.",
    fix: "timedatectl set-ntp true",
  }),
  baseImageOld: ({ images, days }) => ({
    what: `Images de base d’il y a ${plural(days, "jour")} : ${images.join(", ")}`,
    why: "Il leur manque les mises à jour de sécurité publiées depuis.",
    fix: `docker image rm ${images.join(" ")} && npm run setup`,
  }),
  siteImageOld: ({ images, days }) => ({
    what: `Images de base d’il y a ${plural(days, "jour")} : ${images.join(", ")}`,
    why: "Il leur manque les mises à jour de sécurité publiées depuis.",
    fix: images.map((image) => `docker pull ${image}`).join(" && "),
  }),
  unreachable: ({ host, use, failure, detail }) => ({
    what: `Une construction n’atteint pas ${host} (${use}) : ${failures[failure]}${detail === "" ? "" : ` (${detail})`}.`,
    why: "Une version qui n’est pas encore construite ne peut pas l’être.",
    fix: remedies[failure],
  }),
  secretOpen: ({ files }) => ({
    what: `D’autres sur cette machine peuvent lire : ${files.join(", ")}`,
    why: "Des secrets ; les autres commandes refusent ce que tous peuvent lire.",
    fix: `chmod 600 ${files.join(" ")}`,
  }),
  foreignOwner: ({ files, owner }) => ({
    what: `Appartient à quelqu’un d’autre : ${files.join(", ")}`,
    why: "Son propriétaire peut changer ce avec quoi tourne l’outil, et donc le site.",
    fix: `chown ${owner} ${files.join(" ")}`,
  }),
  worldWritable: ({ files }) => ({
    what: `Tout le monde sur cette machine peut modifier : ${files.join(", ")}`,
    why: "Qui le modifie décide de ce qui tourne sur le site, au nom de qui lance l’outil.",
    fix: `chmod o-w ${files.join(" ")}`,
  }),
  caBundle: ({ file }) => ({
    what: `build.ca_bundle : ${file} ne contient aucun certificat valable.`,
    why: "Les constructions ne feraient confiance à personne, et ne téléchargeraient rien.",
    fix: `openssl x509 -in ${file} -noout -subject ; puis nommez un fichier PEM dans updater.toml`,
  }),
  stopped: ({ containers }) => ({
    what: `Ne tourne pas : ${containers.join(", ")}`,
    why: "Sans lui, les utilisateurs n’ont pas le site ; swap refuse.",
    fix: "updater recover",
  }),
  missing: ({ containers }) => ({
    what: `A disparu : ${containers.join(", ")}`,
    why: "Sans lui, pas de site. Les données sont dans des volumes : n’en supprimez aucun.",
    fix: "updater recover",
  }),
  restartPolicy: ({ containers, policy }) => ({
    what: `La politique de redémarrage n’est pas « ${policy} » : ${containers.join(", ")}`,
    why:
      policy === "no"
        ? "Une génération quittée reviendrait après un redémarrage, et prendrait de la mémoire."
        : "Ils ne reviendraient pas après un redémarrage de la machine.",
    fix: `docker update --restart ${policy} ${containers.join(" ")}`,
  }),
  schedulerDead: () => ({
    what: "Le planificateur ne tourne pas.",
    why: "[jobs] confie à l’outil les tâches de BiomAid ; personne ne les lance.",
    fix: "updater jobs start",
  }),
  keptRunning: ({ containers }) => ({
    what: `Tourne alors qu’aucun utilisateur n’y arrive : ${containers.join(", ")}`,
    why: "Cela prend de la mémoire dont la prochaine bascule a besoin.",
    fix: "updater prune",
  }),
  pagesFail: ({ tag, pages }) => ({
    what: `${tag} ne répond pas 200 pour ${pages.map(({ page, status }) => `${page} (${status === 0 ? "sans réponse" : status})`).join(", ")}`,
    why: "Les utilisateurs voient la même chose ; swap refuse.",
    fix: "updater logs --tail 100",
  }),
  gateClosed: (found) => ({
    what: "L’entrée est fermée et aucune opération n’est en cours : la dernière a été coupée, les utilisateurs attendent.",
    why: `Rien n’est perdu : ${found.tag} et sa base sont intacts. Cette commande rouvre l’entrée vers ${found.tag}.`,
    fix: `docker exec ${found.database} psql -U postgres -c 'ALTER ROLE "${found.role}" LOGIN' && docker run --rm -v ${found.volume}:/c ${found.image} sh -c 'ln -sfn ../slot-${found.slot} /c/.serving.next && mv -T /c/.serving.next /c/serving' && updater prune`,
  }),
  gatesLeft: ({ containers }) => ({
    what: `Salles d’attente laissées par une opération : ${containers.join(", ")}`,
    why: "Elles ne retiennent personne, aucun utilisateur n’y est envoyé, et prennent de la mémoire.",
    fix: "updater prune",
  }),
  deadLock: ({ container: _, operation, since }) => ({
    what: `Le verrou de l’opération « ${operation} » (${moment(since)}) est là, mais son conteneur est mort.`,
    why: "Qui le tenait a disparu ; ce qu’il avait commencé est peut-être à moitié fait.",
    fix: "updater prune, qui reprend le verrou et fait le ménage",
  }),
  unfinished: ({ generations, objects }) => ({
    what: `Reste d’une opération, inconnu de l’état : ${objects.join(", ")}`,
    why: `Des parties ${generations.length < 2 ? "de la génération" : "des générations"} ${generations.join(", ")} où rien ne mène ; elles prennent du disque.`,
    fix: "updater prune",
  }),
  scratchLeft: ({ containers }) => ({
    what: `Reste d’une commande qui a été tuée : ${containers.join(", ")}`,
    why: "Ils ne font rien, et rien ne les retire.",
    fix: `docker rm --force ${containers.join(" ")}`,
  }),
  strangers: ({ volumes }) => ({
    what: `Volumes à l’étiquette du site dont il ne se sert pas : ${volumes.join(", ")}`,
    why: "L’outil ne les a pas faits ; updater destroy les supprimerait.",
    fix: `docker volume inspect ${volumes.join(" ")} ; puis docker volume rm, si personne n’en a besoin`,
  }),
  imagesUnused: ({ images, bytes }) => ({
    what: `Images dont aucune génération ne se sert, depuis plus d’une semaine : ${images.join(", ")}`,
    why: `Elles prennent jusqu’à ${size(bytes)}, et peuvent être refaites.`,
    fix: "updater prune",
  }),
  noTls: ({ host, reason, listen }) => ({
    what: `https://${host} ne répond pas (${reason}).`,
    why: "Les mots de passe passent en clair ; TLS revient à l’administrateur.",
    fix: `Mettez un serveur web avec TLS (nginx, Caddy) devant http://${listen}`,
  }),
  tlsExpires: ({ host, until, days }) => ({
    what:
      days < 0
        ? `https://${host} : le certificat a expiré (${day(until)}).`
        : `https://${host} : le certificat expire dans ${plural(days, "jour")} (${day(until)}).`,
    why: "Les navigateurs refusent alors le site.",
    fix: "Renouvelez-le sur le serveur web qui est devant : certbot renew, ou la procédure de votre autorité",
  }),
  tlsName: ({ host, names }) => ({
    what: `https://${host} : le certificat est pour d’autres noms (${names}).`,
    why: "Les navigateurs refusent le site sous celui-ci.",
    fix: `openssl s_client -connect ${host}:443 -servername ${host} le montre ; faites-en faire un pour ${host}`,
  }),
  tlsUntrusted: ({ host, reason }) => ({
    what: `https://${host} : cette machine ne reconnaît pas le certificat (${reason}).`,
    why: "Les navigateurs qui ne connaissent pas son autorité refusent le site.",
    fix: `openssl s_client -connect ${host}:443 -servername ${host} -showcerts`,
  }),
  setting: ({ name, value, wanted, why, restart, container }) => ({
    what: `${name} vaut ${value} ; il faut ${wanted}.`,
    why: {
      swap: "Une bascule copie la base par la réplication, et échoue sans cela.",
      crash: "Une coupure de courant abîmerait la base.",
      disk: "Un slot de réplication oublié pourrait remplir le disque.",
      checksums: "Un disque qui s’abîme passerait inaperçu.",
      vacuum: "Pendant une copie, la base en service pourrait annuler ses requêtes.",
    }[why],
    fix:
      why === "checksums"
        ? "updater init --from-dump, avec une sauvegarde et un autre nom d’instance : seule une base neuve en a"
        : `docker exec -u postgres ${container} psql -c "ALTER SYSTEM RESET ${name}" -c "SELECT pg_reload_conf()"${restart ? ` ; puis docker restart ${container}, quand personne n’est sur le site` : ""}`,
  }),
  longTransaction: ({ pid, who, minutes, state, container }) => ({
    what: `Une transaction est ouverte depuis ${plural(minutes, "minute")} : ${who}, ${state}.`,
    why: "Une bascule l’attend, puis y met fin : ce qu’elle a fait est perdu.",
    fix: `docker exec -u postgres ${container} psql -c "SELECT pg_terminate_backend(${pid})"`,
  }),
  slotKeepsLog: ({ slot, bytes, ours, container }) => ({
    what: `Personne ne lit le slot de réplication ${slot}, qui retient ${size(bytes)} de journal.`,
    why: ours
      ? "C’est le reste d’une copie interrompue ; il retient le journal tant qu’il est là."
      : "Il n’est pas à l’outil, et retient le journal tant qu’il est là.",
    fix: `docker exec -u postgres ${container} psql -c "SELECT pg_drop_replication_slot('${slot}')"`,
  }),
  slotLost: ({ slot, previous }) => ({
    what: `Le slot de réplication ${slot} a perdu le fil : il a été écrit plus qu’il ne peut retenir.`,
    why: `La base de ${previous} ne suit plus : un retour perdrait ce qui a été saisi depuis.`,
    fix: "rien, sauf si un retour s’impose : updater rollback dit ce qui serait perdu",
  }),
  unloggedTables: ({ tables, ...where }) => ({
    what: `Sans journal (UNLOGGED), et pas vides : ${shortList(tables)}`,
    why: "swap refuse : une copie de la base les a vides, et la prochaine version les aurait vides.",
    fix: setLogged(where, tables),
  }),
  preparedTransactions: ({ transactions, container }) => ({
    what: `Transactions préparées que personne n’a terminées : ${preparedText(transactions)}`,
    why: "swap refuse : elle les attendrait, et les utilisateurs avec elle. COMMIT garde ce qu’elle a fait, ROLLBACK l’abandonne. Puis la suivante.",
    fix: endPrepared(container, transactions, "COMMIT"),
  }),
  extensionsMissing: ({ extensions, ...where }) => ({
    what: `Extensions que l’image de la base n’a pas : ${extensions.join(", ")}`,
    why: "Ce qui s’en sert échoue, peut-être une sauvegarde aussi.",
    fix: psql(where, [`DROP EXTENSION ${extensions.join(", ")}`]),
  }),
  collationsChanged: (found) => ({
    what: `Des index sont triés selon d’autres versions que celles d’aujourd’hui, pour : ${[...found.collations, ...(found.own ? [found.database] : [])].join(", ")}`,
    why: "Des lignes peuvent rester introuvables, et des doublons passer.",
    fix: sortAgain(found, found.collations, found.own),
  }),
  keyless: ({ tables, ...where }) => ({
    what: `Sans clé primaire, ou divisées en partitions : ${shortList(tables)}`,
    why: "Elles ne suivent pas : un retour n’emporte pas ce qui y est écrit, et demande d’abord votre accord.",
    fix: `${psql(
      where,
      tables.slice(0, 1).map((table) => `ALTER TABLE ${table} ADD PRIMARY KEY (…)`),
    )}, par les colonnes qui distinguent ses lignes`,
  }),
  followsNot: ({ container, database, ...found }) => ({
    what: `Ne suit pas : ${outsideText(found)}`,
    why: "Un retour n’emporte pas ce qui y est écrit après une bascule ; là où il peut compter, il demande d’abord.",
    fix:
      found.tables.length > 0
        ? `${psql({ container, database }, [`ALTER TABLE ${found.tables[0]} SET SCHEMA public`])}, avec une clé primaire`
        : "docs/rollback.md, « What is kept, and what is not »",
  }),
  noRehearsal: () => ({
    what: "Aucune version n’a jamais été répétée ici.",
    why: "Nul ne sait combien la prochaine ferait attendre, ni ce qu’elle change.",
    fix: "updater versions, puis updater rehearse TAG",
  }),
  rehearsalOld: ({ tag, since }) => ({
    what: `La dernière répétition, de ${tag}, a eu lieu ${ago(since)}.`,
    why: "Elle dit peu des données d’aujourd’hui ; une bascule le dira aussi.",
    fix: `updater rehearse ${tag}`,
  }),
  noBackup: () => ({
    what: "Il n’y a aucune sauvegarde dans le volume du site qui leur est destiné.",
    why: "Ce qu’un disque emporte revient d’une sauvegarde, et de rien d’autre.",
    fix: "updater backup",
  }),
  backupOld: ({ file, since }) => ({
    what: `La sauvegarde la plus récente, ${file}, a été écrite ${ago(since)}.`,
    why: "Ce qui a été écrit depuis serait perdu avec le disque.",
    fix: "updater backup",
  }),
  noSnapshot: () => ({
    what: "Il n’y a aucun instantané dans le dépôt de [backup.snapshots].",
    why: "Médias, réglages et sauvegardes ne sont que sur cette machine.",
    fix: "updater backup",
  }),
  snapshotOld: ({ name, since }) => ({
    what: `L’instantané le plus récent, ${name}, a été pris ${ago(since)}.`,
    why: "Les fichiers arrivés depuis ne sont que sur cette machine.",
    fix: "updater backup",
  }),
};
