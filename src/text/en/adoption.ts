import { count, shortList } from "./format.ts";
import { size } from "./measures.ts";

/** What is told of one thing that was found: what, and the line to write or to type about it. */
interface Told {
  readonly what: string;
  readonly line?: string;
}

interface Files {
  readonly files: number;
  readonly bytes: number;
  /** Whether all of them were counted. */
  readonly complete: boolean;
}

const plural = (number: number, one: string) => `${count(number)} ${one}${number === 1 ? "" : "s"}`;

const atLeast = (complete: boolean) => (complete ? "" : "at least ");

const anotherFolder =
  "Name a folder that is empty or not there: updater adopt --write /etc/biomaid";

export const adoption = {
  title: (folder: string, user: string, host: string) =>
    `BiomAid in ${folder}, of the user ${user}, on ${host}`,
  untouched: "Nothing of the site was changed.",
  fates: {
    decide: "To decide before it moves in",
    lost: "Not there after the move, unless something is done",
    mapped: "Takes another form",
    carried: "Comes along as it is",
  },
  written: (folder: string) =>
    `Written into ${folder}: updater.toml, and copies of the site's settings.\nRead it, then: updater --config ${folder}/updater.toml doctor`,
  advice: (decisions: number) =>
    decisions === 0
      ? "To have a configuration written: updater adopt --write FOLDER"
      : `${plural(decisions, "thing")} to decide. To have a configuration written all the same: updater adopt --write FOLDER`,
  configuration: {
    header: (folder: string) =>
      `BiomAid of ${folder}, as updater adopt found it. docs/configuration.md explains every key.`,
    source: "Where that checkout was cloned from.",
    noSource: "The checkout names no repository it was cloned from: put one here.",
    local: "The site's local settings, at the commit that is there now.",
    localBundled: "Those that BiomAid brings along.",
    localCopy: "The folder is no repository: make it one, and name it here.",
    hostNames: "ALLOWED_HOSTS, without patterns.",
    listen: "The web server of the machine sends requests there.",
    jobs: "The lines of cron that ran them are to be removed when BiomAid has moved.",
    database: "Called as they are today; names are sorted as they are today.",
    extras: "What its own Python has installed.",
  },
  findings: {
    version: ({ tag, commit }: { readonly tag: string; readonly commit: string }): Told => ({
      what: `BiomAid ${tag} (commit ${commit.slice(0, 10)})`,
    }),
    settings: ({ file }: { readonly file: string }): Told => ({ what: `${file}, unchanged` }),
    instanceConfig: ({ file }: { readonly file: string }): Told => ({ what: `${file}, unchanged` }),
    localRepository: (local: { readonly folder: string; readonly commit: string }): Told => ({
      what: `local settings: the repository in ${local.folder}, at ${local.commit.slice(0, 10)}`,
    }),
    localBundled: ({ folder }: { readonly folder: string }): Told => ({
      what: `local settings: ${folder}, which BiomAid brings along`,
    }),
    database: (found: {
      readonly name: string;
      readonly version: string;
      readonly bytes: number;
    }): Told => ({
      what: `the database ${found.name}, ${size(found.bytes)}, of PostgreSQL ${found.version}: with everybody's sessions and passwords`,
    }),
    media: ({ path, files, bytes, complete }: Files & { readonly path: string }): Told => ({
      what: `media: ${atLeast(complete)}${plural(files, "file")}, ${size(bytes)}, of ${path}`,
    }),
    hostNames: ({ names }: { readonly names: readonly string[] }): Told => ({
      what: `host names: ${names.join(", ")}`,
    }),
    timeZone: ({ zone }: { readonly zone: string }): Told => ({ what: `time zone: ${zone}` }),

    containers: ({ python }: { readonly python: string }): Told => ({
      what: `Python ${python} and its packages: an image with those that this version of BiomAid names`,
    }),
    otherPostgres: ({ major, own }: { readonly major: number; readonly own: number }): Told => ({
      what: `PostgreSQL ${major} becomes PostgreSQL ${own}; after the move that of the machine follows, for the way back${major > own ? ". Its own pg_dump has to be there" : ""}`,
    }),
    databasePlace: ({ host, user }: { readonly host: string; readonly user: string }): Told => ({
      what: `the connection to ${host} as ${user}: a socket that nobody else sees, without a password; programs of the house that read the database need another way to it`,
    }),
    mediaPlace: ({
      path,
      served,
    }: {
      readonly path: string;
      readonly served: readonly string[];
    }): Told => ({
      what:
        served.length === 0
          ? `${path}: a volume of the instance`
          : `${path}: a volume of the instance; ${served.join(", ")} serves them from the old place until it is told otherwise`,
    }),
    service: (service: { readonly kind: string; readonly name: string }): Told => ({
      what: `${service.name} of ${service.kind}: containers that the engine starts again`,
      line: `once it has moved for good: ${service.kind === "systemd" ? "systemctl disable" : "supervisorctl remove"} ${service.name}`,
    }),
    startScript: ({ file }: { readonly file: string }): Told => ({
      what: `${file}, which the site has changed: no script starts BiomAid in a container`,
    }),
    cron: ({ of, text }: { readonly of: string; readonly text: string }): Told => ({
      what: `${of}: ${text}`,
      line: "[jobs] enabled = true",
    }),
    front: (front: {
      readonly file: string;
      readonly names: readonly string[];
      readonly tls: boolean;
    }): Told => ({
      what: `nginx for ${front.names.join(", ") || "every name"}${front.tls ? ", with TLS" : ""}: goes on in front of BiomAid (${front.file})`,
      line: "once it has moved for good: proxy_pass http://127.0.0.1:8080;",
    }),

    order: (names: { readonly order: string; readonly locale: string }): Told => ({
      what: `the order of names, ${names.order}: the new database has one of its own`,
      line: `[database] locale = "${names.locale}"`,
    }),
    localMail: ({ host, port }: { readonly host: string; readonly port: number }): Told => ({
      what: `mail through ${host}:${port}: in a container, localhost is the container`,
      line: `EMAIL_HOST = "the name of this machine"`,
    }),
    localService: (found: { readonly name: string; readonly host: string }): Told => ({
      what: `${found.name} is on ${found.host}: in a container, that is the container`,
    }),
    hostsFile: ({ names }: { readonly names: readonly string[] }): Told => ({
      what: `/etc/hosts of this machine knows ${names.join(", ")}: a container does not`,
    }),
    ldaps: ({ server }: { readonly server: string }): Told => ({
      what: `${server}: the certificate authorities that this machine trusts are not in the container`,
    }),
    outside: ({ paths }: { readonly paths: readonly string[] }): Told => ({
      what: `files outside BiomAid that its settings name or read: ${shortList(paths)}`,
    }),
    variables: ({ names }: { readonly names: readonly string[] }): Told => ({
      what: `environment variables that its settings ask for: ${names.join(", ")}`,
    }),
    programs: ({ names }: { readonly names: readonly string[] }): Told => ({
      what: `programs that its settings run, and that a container may not have: ${shortList(names)}`,
    }),
    hosts: ({ names }: { readonly names: readonly string[] }): Told => ({
      what: `hosts that loading its settings asks: ${shortList(names)}`,
    }),
    unlogged: ({ tables }: { readonly tables: readonly string[] }): Told => ({
      what: `what is in tables that are not logged: ${shortList(tables)}`,
      line: `ALTER TABLE ${tables[0]} SET LOGGED;`,
    }),
    otherDatabases: ({ names }: { readonly names: readonly string[] }): Told => ({
      what: `other databases of the same server stay where they are: ${shortList(names)}`,
    }),
    inHome: ({
      home,
      names,
    }: {
      readonly home: string;
      readonly names: readonly string[];
    }): Told => ({
      what: `what else is in ${home}: ${shortList(names)}`,
    }),

    settingsFail: ({ reason }: { readonly reason: string }): Told => ({
      what: `its settings do not load: ${reason}`,
    }),
    untagged: (found: { readonly branch: string; readonly commit: string }): Told => ({
      what: `what runs is no version: ${found.branch} at ${found.commit.slice(0, 10)}`,
      line: "git checkout TAG, and try that first",
    }),
    noCheckout: ({ folder }: { readonly folder: string }): Told => ({
      what: `${folder} is no git repository: which version it is, nothing tells`,
    }),
    changed: ({ files }: { readonly files: readonly string[] }): Told => ({
      what: `files of BiomAid that the site has changed or added, and that an image at the tag has not: ${shortList(files)}`,
      line: "git diff",
    }),
    localCopy: ({ folder }: { readonly folder: string }): Told => ({
      what: `the local settings in ${folder} are no git repository, from which a version is taken`,
      line: `git -C ${folder} init && git -C ${folder} add -A && git -C ${folder} commit -m local`,
    }),
    localChanged: ({
      folder,
      files,
    }: {
      readonly folder: string;
      readonly files: readonly string[];
    }): Told => ({
      what: `local settings that are not committed: ${shortList(files)}`,
      line: `git -C ${folder} status`,
    }),
    localMissing: (): Told => ({ what: "there are no local settings beside BiomAid" }),
    anyHost: (): Told => ({
      what: "ALLOWED_HOSTS accepts every name: the updater asks pages by the first that is named",
      line: `host_names = ["biomaid.example.org"]`,
    }),
    published: ({ urls }: { readonly urls: readonly string[] }): Told => ({
      what: `whoever reaches the site can read ${urls.join(", ")}: the passwords in there count as known. After the move: a new SECRET_KEY, new passwords of database, directory and mail`,
    }),
    noFront: (): Told => ({
      what: "no web server of this machine leads to it: another machine's does, or users reach it as it is",
    }),
    frontUnknown: ({ reason }: { readonly reason: string }): Told => ({
      what: `nginx does not tell its configuration: ${reason}`,
      line: "nginx -T",
    }),
    noService: (): Told => ({ what: "nothing starts it again after a restart of the machine" }),
    sqlite: (found: { readonly file: string; readonly bytes: number | null }): Told => ({
      what: `its database is a file, ${found.file}${found.bytes === null ? "" : ` (${size(found.bytes)})`}: it moves through BiomAid's own backup, while users wait`,
    }),
    strangePostgres: (found: {
      readonly major: number;
      readonly oldest: number;
      readonly newest: number;
    }): Told => ({
      what: `PostgreSQL ${found.major}: sites move in live from ${found.oldest} to ${found.newest}, others have not been tried; a dump as SQL may do, while the site is closed`,
      line: "updater init TAG --from-dump FILE --media FOLDER",
    }),
    databaseUnknown: ({ reason }: { readonly reason: string }): Told => ({
      what: `its database does not let us look: ${reason}`,
    }),
    otherClients: ({ who }: { readonly who: readonly string[] }): Told => ({
      what: `others are connected to the database, and will not find it: ${shortList(who)}`,
    }),
    otherSchemas: ({ tables }: { readonly tables: readonly string[] }): Told => ({
      what: `tables that are not BiomAid's, of which the way back keeps nothing: ${shortList(tables)}`,
    }),
    keyless: ({ tables }: { readonly tables: readonly string[] }): Told => ({
      what: `tables without a primary key: ${shortList(tables)}`,
      line: `ALTER TABLE ${tables[0]} ADD PRIMARY KEY (…);`,
    }),
    largeObjects: ({ number }: { readonly number: number }): Told => ({
      what: `${plural(number, "large object")}, which nothing follows`,
    }),
    mediaOdd: (found: {
      readonly links: number;
      readonly elsewhere: number;
      readonly unreadable: number;
      readonly oddNames: number;
    }): Told => ({
      what: `among the media: ${[
        found.links > 0 ? plural(found.links, "link") : "",
        found.elsewhere > 0 ? `${count(found.elsewhere)} on another file system` : "",
        found.unreadable > 0 ? `${count(found.unreadable)} that BiomAid itself cannot read` : "",
        found.oddNames > 0 ? `${count(found.oddNames)} whose names are not UTF-8` : "",
      ]
        .filter(Boolean)
        .join(", ")}`,
    }),
  },

  errors: {
    adoptNothing: ({
      where,
      others,
    }: {
      readonly where: string | null;
      readonly others: readonly string[];
    }) => ({
      what:
        where === null
          ? "No BiomAid runs on this machine: there is no gunicorn of dra.wsgi."
          : `No BiomAid runs at ${where}, in a folder of it, or by a service of that name.`,
      next:
        others.length > 0
          ? `There is one in ${others.join(", ")}: updater adopt ${others[0]}`
          : "Start it, and type this as root on the very machine, not in a container: updater adopt",
    }),
    adoptSeveral: ({
      folders,
      first,
    }: {
      readonly folders: readonly string[];
      readonly first: string;
    }) => ({
      what: `Several of them run here: ${folders.join(", ")}.`,
      next: `Say which one: updater adopt ${first}`,
    }),
    adoptUnreadable: (found: {
      readonly folder: string;
      readonly python: string;
      readonly reason: string;
    }) => ({
      what: `${found.python} did not tell what is in ${found.folder}: ${found.reason}`,
      next: "Type it as root, or as the user BiomAid runs as: updater adopt",
    }),
    adoptFolderThere: ({ folder }: { readonly folder: string }) => ({
      what: `${folder} is there, with something in it.`,
      next: anotherFolder,
    }),
    adoptFolderInside: ({ folder }: { readonly folder: string }) => ({
      what: `${folder} is the site's own: what it may change is no place for what root writes.`,
      next: anotherFolder,
    }),
    adoptFolderUnwritable: ({ folder }: { readonly folder: string }) => ({
      what: `${folder} cannot be made.`,
      next: anotherFolder,
    }),
  },
};
