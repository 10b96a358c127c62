import { shortList } from "./format.ts";

/** What keeps the updater from standing in front of a site that was installed by hand. */
export type AdoptionObstacle =
  | { readonly obstacle: "untagged" }
  | { readonly obstacle: "changed"; readonly files: readonly string[] }
  | { readonly obstacle: "noSocket" }
  | { readonly obstacle: "volatileSocket"; readonly path: string }
  | { readonly obstacle: "socketGone"; readonly path: string }
  | { readonly obstacle: "foreignSocket"; readonly path: string }
  | { readonly obstacle: "notPostgres" }
  | { readonly obstacle: "databaseElsewhere"; readonly host: string }
  | { readonly obstacle: "otherDatabase"; readonly name: string; readonly role: string }
  | { readonly obstacle: "databaseClosed"; readonly owner: string; readonly reason: string }
  | { readonly obstacle: "databaseMissing"; readonly name: string; readonly role: string }
  | { readonly obstacle: "superuser"; readonly role: string }
  | { readonly obstacle: "newerPostgres"; readonly major: number; readonly newest: number }
  | { readonly obstacle: "noPgDump"; readonly major: number; readonly path: string }
  | { readonly obstacle: "rootRuns" }
  | { readonly obstacle: "databaseFolder"; readonly folder: string };

/** What keeps a site from being moved that the updater stands in front of. */
export type MoveObstacle =
  | {
      readonly obstacle: "servedBeside";
      readonly file: string;
      readonly at: string;
      readonly folder: string;
      readonly socket: string;
    }
  | { readonly obstacle: "olderPostgres"; readonly major: number; readonly least: number }
  | { readonly obstacle: "mediaLeft"; readonly path: string }
  | { readonly obstacle: "frontUnknown"; readonly reason: string };

/** A place where nginx asks the site for files, and the folder they are in. */
export interface FilesAsked {
  readonly file: string;
  readonly at: string;
  readonly folder: string;
}

/** As nginx is to have it where nobody stands in front of gunicorn. */
export const aliasLines = (places: readonly FilesAsked[]) =>
  places
    .map(({ file, at, folder }) => `\n      location ${at} { alias ${folder}; }  # ${file}`)
    .join("");

type Texts = {
  readonly [Kind in AdoptionObstacle["obstacle"]]: (
    found: Extract<AdoptionObstacle, { obstacle: Kind }>,
  ) => string;
};

const obstacles: Texts = {
  untagged: () => "what runs is no version: check a tag out (git checkout TAG), and try that first",
  changed: ({ files }) =>
    `files of BiomAid that the site has changed or added: ${shortList(files)}. To leave them behind when it moves: --as-tagged`,
  noSocket: () =>
    "gunicorn does not listen on one socket (-b unix:/home/…/biomaid.sock), as BiomAid's documentation has it",
  volatileSocket: ({ path }) =>
    `${path} goes away with its service, and its folder too: let it be in a folder that stays`,
  socketGone: ({ path }) => `${path} is no socket`,
  foreignSocket: ({ path }) => `${path} is not the user's as whom gunicorn runs`,
  notPostgres: () => "its database is none of PostgreSQL's",
  databaseElsewhere: ({ host }) => `its database is reached by the network, at ${host}`,
  otherDatabase: ({ name, role }) =>
    `its database is ${name}, of the role ${role}. In updater.toml: [database] name = "${name}", role = "${role}"`,
  databaseClosed: ({ owner, reason }) =>
    `PostgreSQL does not let in ${owner}, to whom it belongs: ${reason}`,
  databaseMissing: ({ name, role }) =>
    `the PostgreSQL of this machine has no database ${name}, or no role ${role}`,
  superuser: ({ role }) =>
    `BiomAid connects as the superuser ${role}, whom nothing keeps from writing: give it a role of its own`,
  newerPostgres: ({ major, newest }) =>
    `its PostgreSQL is ${major}: data come here from versions up to ${newest}`,
  noPgDump: ({ major, path }) =>
    `its PostgreSQL is ${major}, which only its own pg_dump reads: ${path} is not there, or others than root can change it (Debian: apt install postgresql-client-${major})`,
  rootRuns: () => "gunicorn runs as root: let it run as a user of its own",
  databaseFolder: ({ folder }) =>
    `${folder}, where PostgreSQL has its socket, is not open to its group (chmod g+rwx), and the way back needs that`,
};

const cutOff = ({ name, sessions }: { name: string; sessions: number }) =>
  sessions === 0 ? name : `${name} (${sessions} ${sessions > 1 ? "sessions" : "session"} cut off)`;

function moveObstacleText(found: MoveObstacle): string {
  if (found.obstacle === "frontUnknown") {
    return `nginx does not say what it serves: ${found.reason}`;
  }
  if (found.obstacle === "mediaLeft") {
    return `its media, in ${found.path}, cannot come along: that folder holds the sources as well, or cannot be read`;
  }
  if (found.obstacle === "olderPostgres") {
    const { major, least } = found;
    return `its PostgreSQL is ${major}, which could not take in what is written afterwards: it takes ${least}. Without a way back: updater init TAG --from-dump FILE --media FOLDER`;
  }
  const { file, at, folder, socket } = found;
  return `nginx serves ${at} from ${folder} by itself, where nothing new would come. In ${file}, let it ask for them as for pages; the updater serves the same files:\n      location ${at} { proxy_pass http://unix:${socket}; }`;
}

function obstacleText(found: AdoptionObstacle): string {
  return (obstacles[found.obstacle] as (found: AdoptionObstacle) => string)(found);
}

/** Where what a service writes is to be read. */
export function logOf(service: { readonly kind: string; readonly name: string } | null): string {
  if (service?.kind === "systemd") return `journalctl -u ${service.name}`;
  if (service?.kind === "supervisor") return `supervisorctl tail ${service.name} stderr`;
  return "gunicorn --log-file";
}

/** What is left of an installation that nobody uses any more. */
interface Removable {
  readonly service: { readonly kind: string; readonly name: string } | undefined;
  readonly cron: readonly string[];
  readonly folder: string;
  readonly database: string;
}

/** What the commands `updater adopt --stand-in` and `--undo` say. */
export const standIn = {
  done: (tag: string, folder: string) =>
    `The updater stands in front of BiomAid ${tag} in ${folder}. Users notice nothing; gunicorn, its database and its files are where they were.`,
  next: "To look at it: updater status. To try the move on a copy: updater adopt --rehearse. To move it in: updater adopt --switch. To leave everything as it was found: updater adopt --undo",
  moved: (tag: string, folder: string) =>
    `BiomAid ${tag} has moved in: users work in the updater's containers, no longer in ${folder}. Its database there is closed, and takes in what they write.`,
  returned: (tag: string, folder: string) =>
    `BiomAid ${tag} serves again as it was installed by hand, in ${folder}; the updater stands in front of it. The generation left is kept until the next switch, to be looked at.`,
  afterReturning:
    "To move it in again: updater adopt --switch. To leave everything as it was found: updater adopt --undo",
  afterMoving:
    "To go back, with what was written since: updater rollback. To end that one day: updater adopt --finish",
  finished: (folder: string) =>
    `The site has moved in for good: its database in ${folder} takes in nothing more, and a rollback no longer leads there.`,
  mayStillAsk: (path: string) =>
    `Its files say no more that nginx asks ${path}, but it has not read them since they were changed, or another server asks there: the updater goes on to stand in. Type nginx -t && systemctl reload nginx, and once more: updater adopt --finish`,
  stillAsked: (found: { path: string; files: readonly string[]; port: number }) =>
    `nginx still asks ${found.path}, where the updater stands in (${found.files.join(", ")}). Let it ask the updater itself: proxy_pass http://127.0.0.1:${found.port}; then nginx -t && systemctl reload nginx, and once more: updater adopt --finish`,
  mayGo: (found: Removable) =>
    [
      "What may be removed, once a backup of the site has been tried (updater backup):",
      ...(found.service ? [`  - its service: ${found.service.name} (${found.service.kind})`] : []),
      ...found.cron.map((line) => `  - cron, ${line}`),
      `  - the database ${found.database} of this machine's PostgreSQL (closed: the role may not sign in)`,
      `  - ${found.folder}`,
    ].join("\n"),
  renew: (urls: readonly string[]) =>
    `Whoever reaches the site can read ${shortList(urls)}: let nginx serve nothing of the site's home any more (root, alias), then renew every password in them, and SECRET_KEY.`,
  undone: (folder: string) =>
    `Everything is as it was found: users reach BiomAid in ${folder} without the updater.`,

  errors: {
    adoptUnfit: (found: { folder: string; obstacles: readonly AdoptionObstacle[] }) => ({
      what: `The updater cannot stand in front of ${found.folder}:\n${found.obstacles.map((one) => `  - ${obstacleText(one)}`).join("\n")}`,
      next: "Mend these, then try again. All that was found of the site: updater adopt",
    }),
    standsInOnly: ({ instance, folder }: { instance: string; folder: string }) => ({
      what: `${instance} still runs as it was installed by hand, in ${folder}: the updater only stands in front of it.`,
      next: "To try the move on a copy: updater adopt --rehearse. To move it in: updater adopt --switch. To see what there is: updater status. To leave everything as it was found: updater adopt --undo",
    }),
    logsOnMachine: (found: {
      folder: string;
      service: { readonly kind: string; readonly name: string } | null;
    }) => ({
      what: `The site runs as it was installed by hand, in ${found.folder}: what it writes is there, and not in a container.`,
      next: `Where its service puts it: ${logOf(found.service)}. Of the updater's last operation: updater logs --operation`,
    }),
    adoptChanged: ({ instance, folder }: { instance: string; folder: string }) => ({
      what: `The site in ${folder} is not as it was when the updater came to stand in front of it, as ${instance}.`,
      next: "Stand in anew, which users do not notice: updater adopt --undo, then updater adopt --stand-in",
    }),
    moveUnfit: (found: { folder: string; obstacles: readonly MoveObstacle[] }) => ({
      what: `The site in ${found.folder} cannot move yet:\n${found.obstacles.map((one) => `  - ${moveObstacleText(one)}`).join("\n")}`,
      next: "Mend these (after a change of nginx: nginx -t && systemctl reload nginx), then try again: updater adopt --switch",
    }),
    filesAsked: ({ places }: { places: readonly FilesAsked[] }) => ({
      what: `Without the updater nginx finds neither static files nor media that it asks gunicorn for, which serves none. It is to have, as before:${aliasLines(places)}`,
      next: "Write these lines back, which users do not notice, then nginx -t && systemctl reload nginx, and once more: updater adopt --undo",
    }),
    hasMoved: ({ instance }: { instance: string }) => ({
      what: `${instance} has moved in: its users are no longer where they were found.`,
      next: "Go back first: updater rollback",
    }),
    roleElsewhere: ({ role, databases }: { role: string; databases: readonly string[] }) => ({
      what: `The role ${role}, which is closed while the site is in containers, also has ${shortList(databases)}.`,
      next: `Give these a role of their own first: ALTER DATABASE … OWNER TO …`,
    }),
    cronNotChanged: ({ reason }: { reason: string }) => ({
      what: `The site's crontab could not be changed: ${reason}`,
      next: "Lines that run its jobs are for the installation by hand alone: comment them out, or in again (crontab -e)",
    }),
    machineNotReleased: (found: { database: string; role: string; reason: string }) => ({
      what: `The database of this machine could not be given back to the installation by hand: ${found.reason}`,
      next: `Should it be needed again, as postgres in ${found.database}: ALTER SUBSCRIPTION updater_follow DISABLE; ALTER SUBSCRIPTION updater_follow SET (slot_name = NONE); DROP SUBSCRIPTION updater_follow; ALTER ROLE ${found.role} LOGIN;`,
    }),
    copyNotEnded: (found: { database: string; slot: string; reason: string }) => ({
      what: `What a copy of the database of this machine has left there, if anything, could not be removed: ${found.reason}`,
      next: `If SELECT obj_description(oid, 'pg_publication') FROM pg_publication WHERE pubname = 'updater_move' says something, as postgres in ${found.database}: drop the slot ${found.slot} (SELECT pg_drop_replication_slot('${found.slot}')) and those that pg_replication_slots names pg_…_sync_…; put the settings back that it names (ALTER SYSTEM RESET where it says null), then DROP PUBLICATION updater_move`,
    }),
    machineFollowsNoMore: ({ folder }: { folder: string }) => ({
      what: `The database that the site came from, in ${folder}, takes in nothing more from here on: a rollback leads to the version before this one.`,
      next: "Whatever reads or backs up that database is to read this site's: updater backup. To end the rest: updater adopt --finish",
    }),
    othersWrite: ({ roles, role }: { roles: readonly string[]; role: string }) => ({
      what: `Besides ${role}, these roles may write to the database of this machine, and would go on there: ${shortList(roles)}.`,
      next: "Let nobody use them meanwhile (ALTER ROLE … NOLOGIN): what they write there does not reach the site",
    }),
    restartNeeded: (found: {
      changes: readonly string[];
      databases: readonly { name: string; sessions: number }[];
      pending: readonly string[];
    }) => ({
      what: [
        `The database takes longer to copy than users may wait ([adopt] dump_below), so it is to be copied beside them. For that the PostgreSQL of this machine must be restarted once (${found.changes.join(", ")}): users wait for some seconds.`,
        `With it its other databases: ${found.databases.length > 0 ? found.databases.map(cutOff).join(", ") : "there are none"}.`,
        ...(found.pending.length > 0
          ? [`Settings that were changed come into force, too: ${shortList(found.pending)}.`]
          : []),
      ].join(" "),
      next: "Agree to the restart: updater adopt --switch --restart-database. Or let users wait for the copy: [adopt] dump_below and [hold] max in updater.toml. Nothing has changed.",
    }),
    restartUnknown: ({ statements }: { statements: readonly string[] }) => ({
      what: "The PostgreSQL of this machine must be restarted for its database to be copied beside users, and nothing is known that restarts it and would outlive this command.",
      next: `Where pg_ctlcluster does: add --foreground. Else, as its superuser: ${statements.join("; ")}; restart it at a quiet moment, then: updater adopt --switch. Nothing has changed.`,
    }),
    restartUnsafe: ({ faults }: { faults: readonly string[] }) => ({
      what: `The PostgreSQL of this machine, restarted, would not come back, or not soon: ${faults.join("; ")}`,
      next: "Mend its configuration, or what archives its log, then try again: updater adopt --switch --restart-database. Nothing has changed.",
    }),
    restartFailed: ({ reason }: { reason: string }) => ({
      what: `The PostgreSQL of this machine could not be restarted: ${reason}`,
      next: "See why in its log (/var/log/postgresql, journalctl), then try again: updater adopt --switch --restart-database",
    }),
    restartInVain: ({ settings }: { settings: readonly string[] }) => ({
      what: `The PostgreSQL of this machine was restarted, and still has not taken ${settings.join(", ")}: something else sets it, such as the line it is started with.`,
      next: "Set it there, restart PostgreSQL at a quiet moment, then: updater adopt --switch",
    }),
    machineDatabaseDown: ({ port, reason }: { port: number; reason: string }) => ({
      what: `The PostgreSQL of this machine, port ${port}, does not run, and could not be started: ${reason}. Users get errors.`,
      next: "See why in its log (/var/log/postgresql, journalctl), start it (pg_lsclusters, pg_ctlcluster), then: updater recover",
    }),
    changedMeanwhile: ({ tables }: { tables: readonly string[] }) => ({
      what: `Tables, views, functions or types were changed while the database was copied: ${shortList(tables)}.`,
      next: "Let nobody change them, then try again: updater adopt --switch",
    }),
    heldTooLarge: (found: {
      parts: readonly string[];
      seconds: number;
      needed: number | null;
    }) => ({
      what: `${shortList(found.parts)} can be copied only once nobody writes any more: users would have to wait for some ${found.seconds} s, longer than [hold] max allows.`,
      next:
        found.needed === null
          ? "Give tables a primary key, and let them be logged (SET LOGGED); or move while the site is closed: updater adopt --undo, then updater init TAG --from-dump FILE --media FOLDER"
          : `Give tables a primary key, and let them be logged (SET LOGGED); or allow it for that evening, in updater.toml: [hold] max = "${found.needed}s"`,
    }),
    carriedInHold: ({ parts }: { parts: readonly string[] }) => ({
      what: `${shortList(parts)} come along while users wait: tables without a key or a log, large objects and materialized views cannot be copied beside them.`,
      next: "To let tables come beside users: give each a primary key, and a log (ALTER TABLE … SET LOGGED)",
    }),
    databaseNotCopied: ({ reason }: { reason: string }) => ({
      what: `The database could not be copied: ${reason}`,
      next: "See what of it does not fit: updater adopt. The database's own words: updater logs --operation",
    }),
    noPgDump: ({ major, path }: { major: number; path: string }) => ({
      what: `PostgreSQL ${major} is read by its own pg_dump alone, and ${path} is not there, or others than root can change it.`,
      next: `Debian: apt install postgresql-client-${major}; the folder and all above it belong to root. Then once more`,
    }),
    standsInNowhere: ({ instance }: { instance: string }) => ({
      what: `${instance} is no site that was installed by hand and that the updater stands in front of.`,
      next: "To see what there is: updater status",
    }),
    placeNotTaken: ({ path, seconds }: { path: string; seconds: number }) => ({
      what: `The place of ${path} could not be taken within ${seconds} s.`,
      next: "See whose that folder is, and whether something else makes that socket: ls -la, lsof",
    }),
  },
};
