import {
  type AdoptionObstacle,
  aliasLines,
  logOf,
  type MoveObstacle,
  type standIn as english,
} from "../en/stand-in.ts";
import { shortList } from "./format.ts";

type Texts = {
  readonly [Kind in AdoptionObstacle["obstacle"]]: (
    found: Extract<AdoptionObstacle, { obstacle: Kind }>,
  ) => string;
};

const obstacles: Texts = {
  untagged: () =>
    "ce qui tourne n’est pas une version : placez-vous sur une étiquette (git checkout TAG) et essayez-la d’abord",
  changed: ({ files }) =>
    `des fichiers de BiomAid que le site a modifiés ou ajoutés : ${shortList(files)}. Pour les laisser derrière à l’emménagement : --as-tagged`,
  noSocket: () =>
    "gunicorn n’écoute pas sur une seule socket (-b unix:/home/…/biomaid.sock), comme le veut la documentation de BiomAid",
  volatileSocket: ({ path }) =>
    `${path} disparaît avec son service, et son dossier aussi : mettez-la dans un dossier qui reste`,
  socketGone: ({ path }) => `${path} n’est pas une socket`,
  foreignSocket: ({ path }) => `${path} n’est pas à l’utilisateur sous lequel tourne gunicorn`,
  notPostgres: () => "sa base n’est pas une base PostgreSQL",
  databaseElsewhere: ({ host }) => `sa base est atteinte par le réseau, à ${host}`,
  otherDatabase: ({ name, role }) =>
    `sa base est ${name}, du rôle ${role}. Dans updater.toml : [database] name = "${name}", role = "${role}"`,
  databaseClosed: ({ owner, reason }) =>
    `PostgreSQL ne laisse pas entrer ${owner}, à qui il appartient : ${reason}`,
  databaseMissing: ({ name, role }) =>
    `le PostgreSQL de cette machine n’a pas de base ${name}, ou pas de rôle ${role}`,
  superuser: ({ role }) =>
    `BiomAid se connecte comme le superutilisateur ${role}, que rien n’empêche d’écrire : donnez-lui un rôle à lui`,
  newerPostgres: ({ major, newest }) =>
    `son PostgreSQL est le ${major} : les données viennent ici de versions jusqu’à ${newest}`,
  noPgDump: ({ major, path }) =>
    `son PostgreSQL est le ${major}, que seul son propre pg_dump sait lire : ${path} n’est pas là, ou d’autres que root peuvent le changer (Debian : apt install postgresql-client-${major})`,
  rootRuns: () => "gunicorn tourne en tant que root : donnez-lui un utilisateur à lui",
  databaseFolder: ({ folder }) =>
    `${folder}, où PostgreSQL a sa socket, n’est pas ouvert à son groupe (chmod g+rwx), et le retour en a besoin`,
};

const cutOff = ({ name, sessions }: { name: string; sessions: number }) =>
  sessions === 0
    ? name
    : `${name} (${sessions} ${sessions > 1 ? "sessions coupées" : "session coupée"})`;

function moveObstacleText(found: MoveObstacle): string {
  if (found.obstacle === "frontUnknown") {
    return `nginx ne dit pas ce qu’il sert : ${found.reason}`;
  }
  if (found.obstacle === "mediaLeft") {
    return `ses médias, dans ${found.path}, ne peuvent pas venir : ce dossier contient aussi les sources, ou ne se lit pas`;
  }
  if (found.obstacle === "olderPostgres") {
    const { major, least } = found;
    return `son PostgreSQL est le ${major}, qui ne pourrait pas recevoir ce qui serait écrit ensuite : il faut le ${least}. Sans retour possible : updater init TAG --from-dump FICHIER --media DOSSIER`;
  }
  const { file, at, folder, socket } = found;
  return `nginx sert ${at} lui-même depuis ${folder}, où rien de nouveau n’arriverait. Dans ${file}, qu’il les demande comme les pages ; l’outil sert les mêmes fichiers :\n      location ${at} { proxy_pass http://unix:${socket}; }`;
}

const obstacleText = (found: AdoptionObstacle) =>
  (obstacles[found.obstacle] as (found: AdoptionObstacle) => string)(found);

export const standIn: typeof english = {
  done: (tag, folder) =>
    `L’outil est devant le BiomAid ${tag} de ${folder}. Les utilisateurs ne remarquent rien ; gunicorn, sa base et ses fichiers sont là où ils étaient.`,
  next: "Pour le voir : updater status. Pour essayer l’emménagement sur une copie : updater adopt --rehearse. Pour l’emménager : updater adopt --switch. Pour tout laisser comme trouvé : updater adopt --undo",
  moved: (tag, folder) =>
    `BiomAid ${tag} a emménagé : les utilisateurs travaillent dans les conteneurs de l’outil, plus dans ${folder}. Sa base y est fermée, et reçoit ce qu’ils écrivent.`,
  returned: (tag, folder) =>
    `BiomAid ${tag} sert de nouveau tel qu’installé à la main, dans ${folder} ; l’outil reste devant. La génération quittée est conservée jusqu’à la prochaine bascule, pour examen.`,
  afterReturning:
    "Pour l’emménager à nouveau : updater adopt --switch. Pour tout laisser comme trouvé : updater adopt --undo",
  afterMoving:
    "Pour revenir, avec ce qui a été écrit depuis : updater rollback. Pour y mettre fin un jour : updater adopt --finish",
  finished: (folder) =>
    `Le site a emménagé pour de bon : sa base de ${folder} ne reçoit plus rien, et un retour n’y mène plus.`,
  mayStillAsk: (path) =>
    `Les fichiers de nginx ne mènent plus à ${path}, mais il ne les a pas relus depuis leur modification, ou un autre serveur y demande : l’outil continue d’y tenir la place. Tapez nginx -t && systemctl reload nginx, et une fois encore : updater adopt --finish`,
  stillAsked: ({ path, files, port }) =>
    `nginx demande encore à ${path}, où l’outil tient la place (${files.join(", ")}). Qu’il demande à l’outil lui-même : proxy_pass http://127.0.0.1:${port}; puis nginx -t && systemctl reload nginx, et une fois encore : updater adopt --finish`,
  mayGo: ({ service, cron, folder, database }) =>
    [
      "Ce qui peut être retiré, une fois une sauvegarde du site essayée (updater backup) :",
      ...(service ? [`  - son service : ${service.name} (${service.kind})`] : []),
      ...cron.map((line) => `  - cron, ${line}`),
      `  - la base ${database} du PostgreSQL de cette machine (fermée : le rôle ne peut plus se connecter)`,
      `  - ${folder}`,
    ].join("\n"),
  renew: (urls) =>
    `Quiconque atteint le site peut lire ${shortList(urls)} : que nginx ne serve plus rien du dossier personnel du site (root, alias), puis renouvelez chaque mot de passe qui s’y trouve, et SECRET_KEY.`,
  undone: (folder) =>
    `Tout est comme trouvé : les utilisateurs atteignent le BiomAid de ${folder} sans l’outil.`,

  errors: {
    adoptUnfit: ({ folder, obstacles: found }) => ({
      what: `L’outil ne peut pas se placer devant ${folder} :\n${found.map((one) => `  - ${obstacleText(one)}`).join("\n")}`,
      next: "Corrigez, puis recommencez. Tout ce qui a été trouvé du site : updater adopt",
    }),
    standsInOnly: ({ instance, folder }) => ({
      what: `${instance} tourne encore tel qu’installé à la main, dans ${folder} : l’outil est seulement devant.`,
      next: "Pour essayer l’emménagement sur une copie : updater adopt --rehearse. Pour l’emménager : updater adopt --switch. Pour voir ce qu’il y a : updater status. Pour tout laisser comme trouvé : updater adopt --undo",
    }),
    logsOnMachine: ({ folder, service }) => ({
      what: `Le site tourne tel qu’installé à la main, dans ${folder} : ce qu’il écrit est là-bas, et non dans un conteneur.`,
      next: `Là où son service le met : ${logOf(service)}. De la dernière opération de l’outil : updater logs --operation`,
    }),
    adoptChanged: ({ instance, folder }) => ({
      what: `Le site de ${folder} n’est plus tel qu’il était quand l’outil s’est placé devant lui, sous le nom ${instance}.`,
      next: "Recommencez, ce que les utilisateurs ne remarquent pas : updater adopt --undo, puis updater adopt --stand-in",
    }),
    moveUnfit: ({ folder, obstacles: found }) => ({
      what: `Le site de ${folder} ne peut pas encore emménager :\n${found.map((one) => `  - ${moveObstacleText(one)}`).join("\n")}`,
      next: "Corrigez (après un changement de nginx : nginx -t && systemctl reload nginx), puis recommencez : updater adopt --switch",
    }),
    filesAsked: ({ places }) => ({
      what: `Sans l’outil, nginx ne trouve plus les fichiers statiques ni les médias qu’il demande à gunicorn, qui n’en sert aucun. Qu’il ait, comme avant :${aliasLines(places)}`,
      next: "Remettez ces lignes, ce que les utilisateurs ne remarquent pas, puis nginx -t && systemctl reload nginx, et une fois encore : updater adopt --undo",
    }),
    hasMoved: ({ instance }) => ({
      what: `${instance} a emménagé : ses utilisateurs ne sont plus là où ils ont été trouvés.`,
      next: "Revenez d’abord : updater rollback",
    }),
    roleElsewhere: ({ role, databases }) => ({
      what: `Le rôle ${role}, fermé tant que le site est dans des conteneurs, a aussi ${shortList(databases)}.`,
      next: `Donnez-leur d’abord un rôle à elles : ALTER DATABASE … OWNER TO …`,
    }),
    cronNotChanged: ({ reason }) => ({
      what: `La crontab du site n’a pas pu être modifiée : ${reason}`,
      next: "Les lignes qui lancent ses tâches sont pour l’installation à la main seule : mettez-les en commentaire, ou rétablissez-les (crontab -e)",
    }),
    machineNotReleased: ({ database, role, reason }) => ({
      what: `La base de cette machine n’a pas pu être rendue à l’installation à la main : ${reason}`,
      next: `S’il la faut encore, en tant que postgres dans ${database} : ALTER SUBSCRIPTION updater_follow DISABLE; ALTER SUBSCRIPTION updater_follow SET (slot_name = NONE); DROP SUBSCRIPTION updater_follow; ALTER ROLE ${role} LOGIN;`,
    }),
    copyNotEnded: ({ database, slot, reason }) => ({
      what: `Ce qu’une copie de la base de cette machine y a laissé, s’il y en a, n’a pas pu être retiré : ${reason}`,
      next: `Si SELECT obj_description(oid, 'pg_publication') FROM pg_publication WHERE pubname = 'updater_move' dit quelque chose, en tant que postgres dans ${database} : supprimez le slot ${slot} (SELECT pg_drop_replication_slot('${slot}')) et ceux que pg_replication_slots nomme pg_…_sync_… ; rétablissez les réglages qu’il nomme (ALTER SYSTEM RESET là où il dit null), puis DROP PUBLICATION updater_move`,
    }),
    machineFollowsNoMore: ({ folder }) => ({
      what: `La base d’où vient le site, dans ${folder}, ne reçoit plus rien à partir d’ici : un retour mène à la version qui précède celle-ci.`,
      next: "Ce qui lit ou sauvegarde cette base doit lire celle du site : updater backup. Pour finir le reste : updater adopt --finish",
    }),
    othersWrite: ({ roles, role }) => ({
      what: `Outre ${role}, ces rôles peuvent écrire dans la base de cette machine, et y continueraient : ${shortList(roles)}.`,
      next: "Que personne ne s’en serve d’ici là (ALTER ROLE … NOLOGIN) : ce qu’ils y écrivent n’atteint pas le site",
    }),
    restartNeeded: ({ changes, databases, pending }) => ({
      what: [
        `Copier la base prend plus de temps que les utilisateurs ne peuvent attendre ([adopt] dump_below) : elle est à copier pendant qu’ils travaillent. Pour cela, le PostgreSQL de cette machine doit être redémarré une fois (${changes.join(", ")}) : les utilisateurs attendent quelques secondes.`,
        `Avec lui ses autres bases : ${databases.length > 0 ? databases.map(cutOff).join(", ") : "il n’y en a pas"}.`,
        ...(pending.length > 0
          ? [`Des réglages déjà modifiés prennent effet aussi : ${shortList(pending)}.`]
          : []),
      ].join(" "),
      next: "Acceptez le redémarrage : updater adopt --switch --restart-database. Ou laissez les utilisateurs attendre la copie : [adopt] dump_below et [hold] max dans updater.toml. Rien n’a changé.",
    }),
    restartUnknown: ({ statements }) => ({
      what: "Le PostgreSQL de cette machine doit être redémarré pour que sa base soit copiée pendant que les utilisateurs travaillent, et rien de connu ne le redémarre en survivant à cette commande.",
      next: `Là où pg_ctlcluster le fait : ajoutez --foreground. Sinon, en tant que son superutilisateur : ${statements.join("; ")} ; redémarrez-le à un moment calme, puis : updater adopt --switch. Rien n’a changé.`,
    }),
    restartUnsafe: ({ faults }) => ({
      what: `Redémarré, le PostgreSQL de cette machine ne reviendrait pas, ou pas de sitôt : ${faults.join("; ")}`,
      next: "Corrigez sa configuration, ou ce qui archive son journal, puis recommencez : updater adopt --switch --restart-database. Rien n’a changé.",
    }),
    restartFailed: ({ reason }) => ({
      what: `Le PostgreSQL de cette machine n’a pas pu être redémarré : ${reason}`,
      next: "Voyez pourquoi dans son journal (/var/log/postgresql, journalctl), puis recommencez : updater adopt --switch --restart-database",
    }),
    restartInVain: ({ settings }) => ({
      what: `Le PostgreSQL de cette machine a été redémarré, et n’a toujours pas pris ${settings.join(", ")} : autre chose le règle, comme la ligne qui le lance.`,
      next: "Réglez-le là, redémarrez PostgreSQL à un moment calme, puis : updater adopt --switch",
    }),
    machineDatabaseDown: ({ port, reason }) => ({
      what: `Le PostgreSQL de cette machine, port ${port}, ne tourne pas et n’a pas pu être lancé : ${reason}. Les utilisateurs reçoivent des erreurs.`,
      next: "Voyez pourquoi dans son journal (/var/log/postgresql, journalctl), lancez-le (pg_lsclusters, pg_ctlcluster), puis : updater recover",
    }),
    changedMeanwhile: ({ tables }) => ({
      what: `Des tables, vues, fonctions ou types ont été modifiés pendant la copie de la base : ${shortList(tables)}.`,
      next: "Que personne n’y touche, puis recommencez : updater adopt --switch",
    }),
    heldTooLarge: ({ parts, seconds, needed }) => ({
      what: `${shortList(parts)} : à copier seulement quand plus personne n’écrit, les utilisateurs devraient attendre quelque ${seconds} s, plus que [hold] max ne permet.`,
      next:
        needed === null
          ? "Donnez une clé primaire aux tables, et un journal (SET LOGGED) ; ou emménagez site fermé : updater adopt --undo, puis updater init TAG --from-dump FICHIER --media DOSSIER"
          : `Donnez une clé primaire aux tables, et un journal (SET LOGGED) ; ou permettez-le pour ce soir, dans updater.toml : [hold] max = "${needed}s"`,
    }),
    carriedInHold: ({ parts }) => ({
      what: `${shortList(parts)} : cela suit pendant que les utilisateurs attendent. Tables sans clé ou sans journal, objets volumineux et vues matérialisées ne peuvent être copiés pendant qu’ils travaillent.`,
      next: "Pour que des tables suivent pendant qu’ils travaillent : donnez à chacune une clé primaire, et un journal (ALTER TABLE … SET LOGGED)",
    }),
    databaseNotCopied: ({ reason }) => ({
      what: `La base n’a pas pu être copiée : ${reason}`,
      next: "Voyez ce qui n’y convient pas : updater adopt. Les mots de la base : updater logs --operation",
    }),
    noPgDump: ({ major, path }) => ({
      what: `PostgreSQL ${major} n’est lu que par son propre pg_dump, et ${path} n’est pas là, ou d’autres que root peuvent le changer.`,
      next: `Debian : apt install postgresql-client-${major} ; le dossier et tous ceux au-dessus sont à root. Puis recommencez`,
    }),
    standsInNowhere: ({ instance }) => ({
      what: `${instance} n’est pas un site installé à la main devant lequel l’outil se trouve.`,
      next: "Pour voir ce qu’il y a : updater status",
    }),
    placeNotTaken: ({ path, seconds }) => ({
      what: `La place de ${path} n’a pas pu être prise en ${seconds} s.`,
      next: "Voyez à qui est ce dossier, et si autre chose crée cette socket : ls -la, lsof",
    }),
  },
};
