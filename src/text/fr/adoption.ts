import type { adoption as english } from "../en/adoption.ts";
import { count, shortList } from "./format.ts";
import { size } from "./measures.ts";

const plural = (number: number, one: string, many = `${one}s`) =>
  `${count(number)} ${number < 2 ? one : many}`;

const anotherFolder =
  "Nommez un dossier vide, ou qui n’existe pas : updater adopt --write /etc/biomaid";

export const adoption: typeof english = {
  title: (folder, user, host) => `BiomAid dans ${folder}, de l’utilisateur ${user}, sur ${host}`,
  untouched: "Rien du site n’a été modifié.",
  fates: {
    decide: "À décider avant l’emménagement",
    lost: "Absent après l’emménagement, si rien n’est fait",
    mapped: "Prend une autre forme",
    carried: "Vient tel quel",
  },
  written: (folder) =>
    `Écrits dans ${folder} : updater.toml, et des copies des réglages du site.\nÀ relire, puis : updater --config ${folder}/updater.toml doctor`,
  advice: (decisions) =>
    decisions === 0
      ? "Pour faire écrire une configuration : updater adopt --write DOSSIER"
      : `${plural(decisions, "point")} à décider. Pour faire écrire une configuration malgré tout : updater adopt --write DOSSIER`,
  configuration: {
    header: (folder) =>
      `BiomAid de ${folder}, tel qu’updater adopt l’a trouvé. docs/configuration.md explique chaque clé.`,
    source: "D’où ces sources ont été clonées.",
    noSource: "Ces sources ne nomment pas le dépôt dont elles viennent : indiquez-en un ici.",
    local: "La configuration locale du site, au commit qui est là aujourd’hui.",
    localBundled: "Celle que BiomAid apporte.",
    localCopy: "Le dossier n’est pas un dépôt : faites-en un, et nommez-le ici.",
    hostNames: "ALLOWED_HOSTS, sans les motifs.",
    listen: "Le serveur web de la machine y envoie les requêtes.",
    jobs: "Les lignes de cron qui les lançaient sont à retirer une fois BiomAid emménagé.",
    database: "Appelée comme aujourd’hui ; les noms sont triés comme aujourd’hui.",
    extras: "Ce que son propre Python a d’installé.",
  },
  findings: {
    version: ({ tag, commit }) => ({ what: `BiomAid ${tag} (commit ${commit.slice(0, 10)})` }),
    settings: ({ file }) => ({ what: `${file}, inchangé` }),
    instanceConfig: ({ file }) => ({ what: `${file}, inchangé` }),
    localRepository: ({ folder, commit }) => ({
      what: `configuration locale : le dépôt de ${folder}, à ${commit.slice(0, 10)}`,
    }),
    localBundled: ({ folder }) => ({
      what: `configuration locale : ${folder}, que BiomAid apporte`,
    }),
    database: ({ name, version, bytes }) => ({
      what: `la base ${name}, ${size(bytes)}, de PostgreSQL ${version} : avec les sessions et les mots de passe de chacun`,
    }),
    media: ({ path, files, bytes, complete }) => ({
      what: `médias : ${complete ? "" : "au moins "}${plural(files, "fichier")}, ${size(bytes)}, de ${path}`,
    }),
    hostNames: ({ names }) => ({ what: `noms d’hôte : ${names.join(", ")}` }),
    timeZone: ({ zone }) => ({ what: `fuseau horaire : ${zone}` }),

    containers: ({ python }) => ({
      what: `Python ${python} et ses paquets : une image, avec ceux que cette version de BiomAid indique`,
    }),
    otherPostgres: ({ major, own }) => ({
      what: `PostgreSQL ${major} devient PostgreSQL ${own} ; après l’emménagement, celui de la machine suit, pour le retour${major > own ? ". Son propre pg_dump doit être là" : ""}`,
    }),
    databasePlace: ({ host, user }) => ({
      what: `la connexion à ${host} sous le nom ${user} : une socket que personne d’autre ne voit, sans mot de passe ; les programmes de l’établissement qui lisent la base ont besoin d’un autre accès`,
    }),
    mediaPlace: ({ path, served }) => ({
      what:
        served.length === 0
          ? `${path} : un volume de l’instance`
          : `${path} : un volume de l’instance ; ${served.join(", ")} les sert depuis l’ancien emplacement tant qu’on ne lui dit rien d’autre`,
    }),
    service: ({ kind, name }) => ({
      what: `${name}, de ${kind} : des conteneurs, que le moteur Docker relance`,
      line: `une fois l’emménagement fini : ${kind === "systemd" ? "systemctl disable" : "supervisorctl remove"} ${name}`,
    }),
    startScript: ({ file }) => ({
      what: `${file}, que le site a modifié : dans un conteneur, aucun script ne lance BiomAid`,
    }),
    cron: ({ of, text }) => ({ what: `${of} : ${text}`, line: "[jobs] enabled = true" }),
    front: ({ file, names, tls }) => ({
      what: `nginx pour ${names.join(", ") || "tous les noms"}${tls ? ", avec TLS" : ""} : reste devant BiomAid (${file})`,
      line: "une fois l’emménagement fini : proxy_pass http://127.0.0.1:8080;",
    }),

    order: ({ order, locale }) => ({
      what: `l’ordre des noms, ${order} : la nouvelle base a le sien`,
      line: `[database] locale = "${locale}"`,
    }),
    localMail: ({ host, port }) => ({
      what: `les courriels par ${host}:${port} : dans un conteneur, localhost est le conteneur`,
      line: `EMAIL_HOST = "nom de cette machine"`,
    }),
    localService: ({ name, host }) => ({
      what: `${name} est sur ${host} : dans un conteneur, c’est le conteneur`,
    }),
    hostsFile: ({ names }) => ({
      what: `/etc/hosts de cette machine connaît ${names.join(", ")} : un conteneur, non`,
    }),
    ldaps: ({ server }) => ({
      what: `${server} : les autorités de certification auxquelles cette machine se fie ne sont pas dans le conteneur`,
    }),
    outside: ({ paths }) => ({
      what: `des fichiers hors de BiomAid, que ses réglages nomment ou lisent : ${shortList(paths)}`,
    }),
    variables: ({ names }) => ({
      what: `des variables d’environnement que ses réglages demandent : ${names.join(", ")}`,
    }),
    programs: ({ names }) => ({
      what: `des programmes que ses réglages lancent, et qu’un conteneur n’a pas toujours : ${shortList(names)}`,
    }),
    hosts: ({ names }) => ({
      what: `des hôtes que le chargement de ses réglages interroge : ${shortList(names)}`,
    }),
    unlogged: ({ tables }) => ({
      what: `le contenu de tables non journalisées : ${shortList(tables)}`,
      line: `ALTER TABLE ${tables[0]} SET LOGGED;`,
    }),
    otherDatabases: ({ names }) => ({
      what: `d’autres bases du même serveur restent où elles sont : ${shortList(names)}`,
    }),
    inHome: ({ home, names }) => ({
      what: `ce qu’il y a d’autre dans ${home} : ${shortList(names)}`,
    }),

    settingsFail: ({ reason }) => ({ what: `ses réglages ne se chargent pas : ${reason}` }),
    untagged: ({ branch, commit }) => ({
      what: `ce qui tourne n’est pas une version : ${branch} à ${commit.slice(0, 10)}`,
      line: "git checkout VERSION, à essayer d’abord",
    }),
    noCheckout: ({ folder }) => ({
      what: `${folder} n’est pas un dépôt git : rien ne dit de quelle version il s’agit`,
    }),
    changed: ({ files }) => ({
      what: `des fichiers de BiomAid que le site a modifiés ou ajoutés, et qu’une image de la version n’a pas : ${shortList(files)}`,
      line: "git diff",
    }),
    localCopy: ({ folder }) => ({
      what: `la configuration locale de ${folder} n’est pas un dépôt git, dont on prend une version`,
      line: `git -C ${folder} init && git -C ${folder} add -A && git -C ${folder} commit -m local`,
    }),
    localChanged: ({ folder, files }) => ({
      what: `de la configuration locale qui n’est pas enregistrée dans git : ${shortList(files)}`,
      line: `git -C ${folder} status`,
    }),
    localMissing: () => ({ what: "il n’y a pas de configuration locale à côté de BiomAid" }),
    anyHost: () => ({
      what: "ALLOWED_HOSTS accepte tous les noms : l’outil demande les pages sous le premier qui est indiqué",
      line: `host_names = ["biomaid.example.org"]`,
    }),
    published: ({ urls }) => ({
      what: `quiconque atteint le site peut lire ${urls.join(", ")} : les mots de passe qui s’y trouvent sont à tenir pour connus. Après l’emménagement : une autre SECRET_KEY, d’autres mots de passe de base, d’annuaire et de courriel`,
    }),
    noFront: () => ({
      what: "aucun serveur web de cette machine n’y mène : c’est celui d’une autre machine, ou les utilisateurs l’atteignent tel quel",
    }),
    frontUnknown: ({ reason }) => ({
      what: `nginx ne dit pas sa configuration : ${reason}`,
      line: "nginx -T",
    }),
    noService: () => ({ what: "rien ne le relance après un redémarrage de la machine" }),
    sqlite: ({ file, bytes }) => ({
      what: `sa base est un fichier, ${file}${bytes === null ? "" : ` (${size(bytes)})`} : elle passe par la sauvegarde de BiomAid, pendant que les utilisateurs attendent`,
    }),
    strangePostgres: ({ major, oldest, newest }) => ({
      what: `PostgreSQL ${major} : un site emménage en service depuis les versions ${oldest} à ${newest}, les autres n’ont pas été essayées ; une sauvegarde en SQL peut convenir, site fermé`,
      line: "updater init TAG --from-dump FICHIER --media DOSSIER",
    }),
    databaseUnknown: ({ reason }) => ({
      what: `sa base ne se laisse pas consulter : ${reason}`,
    }),
    otherClients: ({ who }) => ({
      what: `d’autres sont connectés à la base, et ne la trouveront plus : ${shortList(who)}`,
    }),
    otherSchemas: ({ tables }) => ({
      what: `des tables qui ne sont pas de BiomAid, dont le retour arrière ne garde rien : ${shortList(tables)}`,
    }),
    keyless: ({ tables }) => ({
      what: `des tables sans clé primaire : ${shortList(tables)}`,
      line: `ALTER TABLE ${tables[0]} ADD PRIMARY KEY (…);`,
    }),
    largeObjects: ({ number }) => ({
      what: `${plural(number, "objet volumineux", "objets volumineux")}, que rien ne suit`,
    }),
    mediaOdd: ({ links, elsewhere, unreadable, oddNames }) => ({
      what: `parmi les médias : ${[
        links > 0 ? plural(links, "lien") : "",
        elsewhere > 0 ? `${count(elsewhere)} sur un autre système de fichiers` : "",
        unreadable > 0 ? `${count(unreadable)} que BiomAid lui-même ne peut pas lire` : "",
        oddNames > 0 ? `${count(oddNames)} dont le nom n’est pas en UTF-8` : "",
      ]
        .filter(Boolean)
        .join(", ")}`,
    }),
  },

  errors: {
    adoptNothing: ({ where, others }) => ({
      what:
        where === null
          ? "Aucun BiomAid ne tourne sur cette machine : il n’y a pas de gunicorn de dra.wsgi."
          : `Aucun BiomAid ne tourne dans ${where}, dans un de ses dossiers, ni sous un service de ce nom.`,
      next:
        others.length > 0
          ? `Il y en a un dans ${others.join(", ")} : updater adopt ${others[0]}`
          : "Lancez-le, et tapez en tant que root, sur la machine même et non dans un conteneur : updater adopt",
    }),
    adoptSeveral: ({ folders, first }) => ({
      what: `Plusieurs tournent ici : ${folders.join(", ")}.`,
      next: `Dites lequel : updater adopt ${first}`,
    }),
    adoptUnreadable: ({ folder, python, reason }) => ({
      what: `${python} n’a pas dit ce qu’il y a dans ${folder} : ${reason}`,
      next: "Tapez en tant que root, ou que l’utilisateur de BiomAid : updater adopt",
    }),
    adoptFolderThere: ({ folder }) => ({
      what: `${folder} existe, et n’est pas vide.`,
      next: anotherFolder,
    }),
    adoptFolderInside: ({ folder }) => ({
      what: `${folder} appartient au site : ce qu’il peut modifier n’est pas la place de ce que root écrit.`,
      next: anotherFolder,
    }),
    adoptFolderUnwritable: ({ folder }) => ({
      what: `${folder} ne peut pas être créé.`,
      next: anotherFolder,
    }),
  },
};
