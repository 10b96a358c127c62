import { alike } from "../pages.ts";
import { endPrepared, type Prepared, psql, setLogged, sortAgain, type Where } from "../psql.ts";
import { count, moment, shortList } from "./format.ts";
import { type Wait, waitHint, waitText } from "./waits.ts";

interface FailingPage {
  readonly page: string;
  readonly status: number;
  readonly signedIn: boolean;
}

/** What does not follow because it is no table of `public`, in this database. */
export interface Outside {
  readonly tables: readonly string[];
  readonly views: readonly string[];
  readonly databases: readonly string[];
  readonly largeObjects: number;
}

export const outsideText = ({ tables, views, databases, largeObjects }: Outside) =>
  [
    tables.length > 0 ? `tables of other schemas (${shortList(tables)})` : "",
    largeObjects > 0 ? `large objects (${count(largeObjects)})` : "",
    views.length > 0 ? `materialized views (${shortList(views)})` : "",
    databases.length > 0 ? `other databases (${shortList(databases)})` : "",
  ]
    .filter(Boolean)
    .join(", ");

export const preparedText = (transactions: readonly Prepared[]) =>
  shortList(transactions.map(({ id, database }) => `“${id}” (${database})`));

/** What a table loses in a rollback, in numbers. */
export interface LossSummary {
  readonly table: string;
  readonly rows: number;
  /** Rows of which only some columns are lost, and those columns. */
  readonly partly: number;
  readonly columns: readonly string[];
  /** Rows that were deleted since and come back. */
  readonly deleted: number;
}

const answersText = (answers: readonly FailingPage[]) =>
  alike(answers)
    .map(({ pages, status, signedIn }) => {
      const many = pages.length > 1;
      const verb =
        status === 0
          ? `${many ? "do" : "does"} not answer`
          : `${many ? "answer" : "answers"} ${status}`;
      return `${pages.join(", ")} ${verb}${signedIn ? " when signed in" : ""}`;
    })
    .join("; ");

/** What a health check has met; a number are the seconds it waited in vain. */
const checkText = (last: readonly FailingPage[] | number | string) => {
  if (typeof last === "number") return `no answer within ${last} s`;
  return typeof last === "string" ? last : answersText(last);
};

/** What a rollback would not keep, table by table. */
export const lossText = (lost: readonly LossSummary[] | null) =>
  lost === null
    ? "nobody can tell how many rows"
    : lost
        .map(({ table, rows, partly, columns, deleted }) => {
          const parts = [
            rows > 0 ? `${count(rows)} ${rows > 1 ? "rows" : "row"}` : "",
            partly > 0
              ? `${columns.join(", ")} of ${count(partly)} ${partly > 1 ? "rows" : "row"}`
              : "",
            deleted > 0
              ? `${count(deleted)} deleted ${deleted > 1 ? "rows come" : "row comes"} back`
              : "",
          ];
          return `${table} (${parts.filter(Boolean).join("; ")})`;
        })
        .join(", ");

export const readOperationLog =
  "To read its output: updater logs --operation, or the same command with --verbose.";

export const operations = {
  steps: {
    "read-requests": "Read the proxy's log",
    examine: "Examine the machine and the site",
    "find-release": "Find the release and its local settings",
    preflight: "Check what can be checked beforehand",
    "build-own-images": "Build the images of proxy, database and gate",
    "start-proxy": "Open the port",
    "reach-bare-metal": "Lead to the site as it is, and ask its pages",
    "stand-in": "Take gunicorn's place",
    "leave-place": "Give gunicorn its place back",
    "remove-instance": "Remove the instance",
    "build-image": "Build the image at the tag",
    "create-database": "Create the database",
    "restore-dump": "Restore the dump",
    "copy-database": "Copy the database of this machine",
    "enable-replication": "Let that database be copied in use",
    "replicate-database": "Copy it while users write to it",
    "move-database": "Bring what was written last",
    "return-media": "Bring media back",
    "start-service": "Start the service of this machine",
    analyze: "Tell the database about its rows",
    "pause-cron": "Comment its lines of cron out",
    "resume-cron": "Bring its lines of cron back",
    "clear-media": "Remove copies of its media",
    "bring-media": "Copy the media",
    "prepare-news": "Read what is new",
    "announce-swap": "Tell users that it is coming",
    "mail-before": "Mail users that it is coming",
    "mail-after": "Mail users that it is there",
    "end-announcement": "Take their banner away",
    "tell-news": "Show users what is new",
    "prepare-backup": "Prepare where a backup is tried",
    backup: "Back up, and restore it elsewhere",
    snapshot: "Take a snapshot, and read it back",
    "fetch-snapshot": "Fetch the snapshot, every file of it",
    "open-repository": "See that the repository of snapshots answers",
    "list-snapshots": "Ask for the list of snapshots",
    "clone-database": "Clone the live database",
    "load-backup": "Load the backup",
    "start-candidate": "Start the candidate beside it",
    "pause-jobs": "Let no job begin",
    "resume-jobs": "Let jobs begin again",
    "run-jobs": "Run the jobs",
    "start-gates": "Start the gate",
    "await-quiet": "See that the processors are free",
    "close-gate": "Close the gate and drain",
    fence: "Stop writes (fence)",
    "catch-up": "Let the clone catch up",
    promote: "Promote the clone",
    migrate: "Migrate",
    "publish-changes": "Keep what users write for a way back",
    boot: "Boot it",
    probe: "Probe its pages as a user",
    "publish-boot": "The same of tables it made anew",
    follow: "Let the version left follow",
    "catch-up-previous": "Let the previous version catch up",
    "return-writes": "Hand over what users wrote",
    "snapshot-media": "Keep the media as they are",
    "complete-media": "Keep the media of the last moment",
    "compare-media": "Look for media that changed",
    "restore-media": "Put media back",
    "check-files": "Look for every file",
    "end-following": "End the following",
    commit: "Switch",
    "switch-static": "Switch the static files",
    "stop-gates": "Stop the gate",
    probation: "Watch it (probation)",
    "release-clone": "Release the clone's slot",
    retire: "Retire the generation left",
    retention: "Apply the retention policy",
    "resume-previous": "Wake the previous generation",
    "mark-abandoned": "Note which generation was left",
    "compare-sources": "Compare the two versions' sources",
    "load-settings": "Load the settings",
    "clear-rehearsal": "Clear the stage",
    "detach-copy": "Cut the copy off from production",
    sanitize: "Run the site's script on the copy",
    "ask-serving": "Ask the serving version for its pages",
    "measure-data": "Note every row of the copy",
    "compare-data": "Compare data and schema",
    "compare-boot": "See what booting changed",
    "measure-needs": "Measure what it needs",
    "remove-rehearsal": "Remove the rehearsal",
    "keep-rehearsal": "Open the rehearsal",
    "hook:users_inform_before": "Hook users_inform_before",
    "hook:instance_stop": "Hook instance_stop",
    "hook:backup": "Hook backup",
    "hook:local_dir_update": "Hook local_dir_update",
    "hook:code_install": "Hook code_install",
    "hook:instance_launch": "Hook instance_launch",
    "hook:users_inform_after": "Hook users_inform_after",
  },

  notes: {
    "nothing-new": "NEWS.md says nothing of this version: users are shown nothing.",
    "serving-not-asked":
      "The serving version could not be asked on the copy: pages are compared with nothing.",
    "settings-changed":
      "The site's settings have changed since the serving version began: the new ones come with it.",
    "rehearsal-tidied": "Removed what a rehearsal that was killed had left.",
    "backup-tidied": "Removed what a backup that was killed had left.",
    "not-following":
      "The version left cannot follow: a rollback would lose what is written from now on. Why: updater logs --operation",
    unsupervised:
      "The engine cannot run this by itself: if this terminal is closed, the operation is undone.",
    "no-user-to-probe":
      "The database has no active user: only the pages anyone may see were probed.",
    "files-not-checked":
      "Nobody could look whether every file is there; the operation's log says why: updater logs --operation",
    "probation-in-queue":
      "Requests stand before the check: the new version works them off, and is not blamed for the wait.",
    "probation-cut-short": "Probation was cut short; the new version stays.",
  },

  errors: {
    noInstance: ({ instance }: { instance: string }) => ({
      what: `There is no instance named ${instance} on this engine.`,
      next: "Create it with: updater init",
    }),
    instanceExists: ({ instance }: { instance: string }) => ({
      what: `There is already an instance named ${instance} on this engine.`,
      next: "Look at it (updater status), or choose another name in updater.toml.",
    }),
    leftovers: ({ instance }: { instance: string }) => ({
      what: `Parts of an instance named ${instance} are on this engine, and nothing says which of them serves: an init that was never finished, or a site whose control volume is lost.`,
      next: `If they hold data (docker volume ls), copy it out first: docs/recovery.md, “A damaged state file”. If not: updater destroy --yes ${instance}, then: updater init`,
    }),
    stateDamaged: ({ instance, reason }: { instance: string; reason: string }) => ({
      what: `The state file of instance ${instance} cannot be trusted: ${reason}`,
      next: `Look at state.json in the volume biomaid-${instance}-control: docs/recovery.md, “A damaged state file”.`,
    }),
    writtenByNewer: ({ instance, reason }: { instance: string; reason: string }) => ({
      what: `What is kept of instance ${instance} was written by a newer version of the updater: ${reason}`,
      next: "Use that version or a later one: docs/recovery.md, “A newer version of the updater”.",
    }),
    journalDamaged: ({ instance, reason }: { instance: string; reason: string }) => ({
      what: `What an earlier operation on instance ${instance} left of its journal cannot be trusted: ${reason}`,
      next: `Set it aside (journal.json in the volume biomaid-${instance}-control): docs/recovery.md, “A damaged journal”.`,
    }),
    journalContradicts: (found: {
      instance: string;
      operation: string;
      to: string;
      slot: number | undefined;
    }) => ({
      what: `The journal of ${found.instance} tells of “${found.operation} ${found.to}”, but users are sent to slot ${found.slot}, which is neither side of it.`,
      next: `Set it aside (journal.json in the volume biomaid-${found.instance}-control): docs/recovery.md, “A damaged journal”.`,
    }),
    killed: ({ operation, to }: { operation: string; to: string }) => ({
      what: `The updater died during “${operation} ${to}”.`,
      next: "To try again, type the same command again.",
    }),
    recoveryFails: ({
      operation,
      to,
      reason,
    }: {
      operation: string;
      to: string;
      reason: string;
    }) => ({
      what: `“${operation} ${to}”, whose updater died, could be neither undone nor finished: ${reason}`,
      next: "Mend what it names, then: updater recover",
    }),
    recoveryTriedAgain: (found: {
      operation: string;
      to: string;
      reason: string;
      seconds: number;
    }) => ({
      what: `“${found.operation} ${found.to}”, whose updater died, could not be ended yet, and is tried again in ${found.seconds} s: ${found.reason}`,
      next: "Mend what it names meanwhile.",
    }),
    operatorGone: ({ instance }: { instance: string }) => ({
      what: `What ran the operation on ${instance} has ended without a word.`,
      next: "Look at it (updater status); if something is unfinished: updater recover",
    }),
    volumeGone: ({ volume }: { volume: string }) => ({
      what: `The volume ${volume} is gone, and what it held with it.`,
      next: "Nothing here can bring it back. First copy a backup out, destroy deletes backups too: docs/recovery.md, “Something was stopped or removed”.",
    }),
    unfinished: ({ operation, to }: { operation: string; to: string }) => ({
      what: `“${operation} ${to}” was begun and never ended.`,
      next: "End it first: updater recover",
    }),
    locked: (held: { instance: string; operation: string; holder: string; since: string }) => ({
      what: `${held.holder} has been running “${held.operation}” on instance ${held.instance} since ${moment(held.since)}.`,
      next: "Follow it (updater attach) or wait until it has ended (updater status), then try again.",
    }),
    gateIsClosed: ({ instance }: { instance: string }) => ({
      what: `An earlier operation on instance ${instance} ended half-way: the gate is closed and users are waiting.`,
      next: "updater doctor prints the command that opens it. If not: docs/recovery.md, “The gate is closed”.",
    }),
    otherFolder: (found: { instance: string; here: string; known: string }) => ({
      what: `Instance ${found.instance} is operated from ${found.known}, and this is ${found.here}.`,
      next: "If this is a copy, give it a name of its own: instance in updater.toml. If the site's folder has moved here: updater relocate",
    }),
    alreadyServing: ({ tag }: { tag: string }) => ({
      what: `${tag} is already serving, with the same local settings and settings of the site.`,
      next: "There is nothing to do. To see what else there is: updater versions. To make it anew: updater swap TAG --override already-serving",
    }),
    olderThanServing: ({ tag, serving }: { tag: string; serving: string }) => ({
      what: `${tag} is older than ${serving}, which is serving: its code does not fit the migrated database.`,
      next: "To go back to the previous generation: updater rollback",
    }),
    servingUnhealthy: ({ tag, pages }: { tag: string; pages: readonly FailingPage[] }) => ({
      what: `${tag}, which is serving, is not well: ${answersText(pages) || "no sensible answer came"}.`,
      next: "Look at its log (updater logs) and mend it before you update. To update all the same: updater swap TAG --override unhealthy",
    }),
    servingStopped: ({ container }: { container: string }) => ({
      what: `${container}, part of the serving generation, is not running.`,
      next: "Start it (updater recover), then try again.",
    }),
    inodesTooFew: ({ needed, free }: { needed: number; free: number }) => ({
      what: `The clone needs about ${count(needed)} inodes; ${count(free)} are free where the engine keeps its volumes.`,
      next: "Make room (updater prune, docker system df), then try again. To swap all the same: updater swap TAG --override disk",
    }),
    diskTooSmall: ({ needed, free }: { needed: number; free: number }) => ({
      what: `The clone needs about ${megabytes(needed)} MB of disk; ${megabytes(free)} MB are free where the engine keeps its volumes.`,
      next: "Make room (updater prune, docker system df), then try again. To swap all the same: updater swap TAG --override disk",
    }),
    unloggedTables: (found: { tables: readonly string[] } & Where) => ({
      what: `Not logged (UNLOGGED), and not empty: ${shortList(found.tables)}. A copy of the database has them empty, and so would the next version.`,
      next: `To have them copied: ${setLogged(found, found.tables)}. If nobody needs what is in them: updater swap TAG --override unlogged`,
    }),
    preparedTransactions: (found: { transactions: readonly Prepared[]; container: string }) => ({
      what: `Transactions were prepared and never ended: ${preparedText(found.transactions)}. The swap would wait for them, and users with it.`,
      next: `End each of them: ${endPrepared(found.container, found.transactions, "COMMIT")}. COMMIT keeps what it did, ROLLBACK drops it. Then the next one.`,
    }),
    extensionsMissing: (found: { extensions: readonly string[] } & Where) => ({
      what: `The database's image does not have what these extensions need: ${found.extensions.join(", ")}. What uses them fails, and so may a backup.`,
      next: `If nothing uses them: ${psql(found, [`DROP EXTENSION ${found.extensions.join(", ")}`])}`,
    }),
    collationsChanged: (found: { collations: readonly string[]; own: boolean } & Where) => ({
      what: `Indexes are sorted by other versions of collations than the database's image has: ${[...found.collations, ...(found.own ? [found.database] : [])].join(", ")}. Rows may not be found, and doubles may be let in.`,
      next: `Have them sorted again: ${sortAgain(found, found.collations, found.own)}`,
    }),
    followsNot: (found: Outside) => ({
      what: `A rollback would not bring back what is written after the swap to ${outsideText(found)}.`,
      next: "Of tables and large objects it says how much that is, and asks first: docs/rollback.md, “What is kept, and what is not”.",
    }),
    noVersions: ({ repository }: { repository: string }) => ({
      what: `The repository ${repository} has no tag that is a version.`,
      next: "Check [source] repository in updater.toml.",
    }),
    mediaFolder: ({ folder, reason }: { folder: string; reason: string }) => ({
      what: `There are no media to copy in ${folder}: ${reason}`,
      next: "Give the folder that is MEDIA_ROOT of the site they come from: updater init TAG --media FOLDER",
    }),
    mediaElsewhere: ({ folder }: { folder: string }) => ({
      what: `The engine's machine has no ${folder}, or another one: the engine is the one to copy media.`,
      next: "Type it on that machine. In a container of the updater: name a folder that the machine has lent it, docs/container.md",
    }),
    mediaNotBrought: (given: { folder: string; uid: number; reason: string }) => ({
      what: `Not all of ${given.folder} can be copied, read by user ${given.uid}, whose folder it is: ${given.reason}`,
      next: `Put in order what is named, or move it away, and type the same command again. All of it: find ${given.folder} -not -user ${given.uid} -ls`,
    }),
    mediaLinks: ({ folder, links }: { folder: string; links: number }) => ({
      what: `${links === 1 ? "One link" : `${count(links)} links`} among the media of ${folder} ${links === 1 ? "leads" : "lead"} out of that folder, and to nothing in the new site.`,
      next: `Which: find ${folder} -type l -ls`,
    }),
    portTaken: ({ address, port }: { address: string; port: number }) => ({
      what: `${address}:${port} cannot be opened: something else listens there, or the address is not this machine's.`,
      next: "Choose another address or port under [listen] in updater.toml.",
    }),
    noFreeSlot: (_: object) => ({
      what: "All places for generations are taken.",
      next: "Free one with: updater prune",
    }),
    baseImageMissing: ({ image }: { image: string }) => ({
      what: `The image ${image} is not on this engine.`,
      next: "Fetch or build it (npm run setup), or name another under [[build.versions]] in updater.toml.",
    }),
    buildFailed: ({ image, reason }: { image: string; reason: string }) => ({
      what: `The updater's own image “${image}” does not build: ${reason}`,
      next: "To see everything: the same command with --verbose. Behind a proxy that inspects traffic, set build.ca_bundle in updater.toml.",
    }),
    buildTooLong: ({ image, hours, doing }: { image: string; hours: number; doing: string }) => ({
      what: `The image ${image} was not built within ${hours} h. The last its build said: ${doing}`,
      next: "See whether this machine reaches what it fetches from (updater doctor), then try again.",
    }),
    releaseDoesNotBuild: ({ tag, reason }: { tag: string; reason: string }) => ({
      what: `BiomAid ${tag} does not build: ${reason}`,
      next: readOperationLog,
    }),
    releaseFails: ({ tag, reason }: { tag: string; reason: string }) => ({
      what: `BiomAid ${tag} failed: ${reason}`,
      next: readOperationLog,
    }),
    pagesFail: ({ tag, pages }: { tag: string; pages: readonly FailingPage[] }) => ({
      what: `Pages of BiomAid ${tag} fail: ${answersText(pages)}.`,
      next: readOperationLog,
    }),
    applicationEnded: ({ while: asked }: { while: string }) => ({
      what: `The application's container ended while it was asked to ${asked}.`,
      next: readOperationLog,
    }),
    databaseDoesNotStart: (database: { container: string; seconds: number | null }) => ({
      what: `The database in ${database.container} does not start${database.seconds === null ? "" : `: no answer within ${database.seconds} s`}.`,
      next: readOperationLog,
    }),
    gateDoesNotStart: (_: object) => ({
      what: "The gate, which holds requests, does not start.",
      next: "Look at the engine (docker info, df), then try again.",
    }),
    cloneFailed: ({ reason }: { reason: string }) => ({
      what: `The live database could not be cloned: ${reason}`,
      next: "Look at the disk (df) and at the log (updater logs --operation), then try again.",
    }),
    standbyLocked: ({ seconds, tables }: { seconds: number; tables: readonly string[] }) => ({
      what: `Nothing could be read from the copy of the database for ${seconds} s: transactions go on that lock ${shortList(tables)}.`,
      next: "Try again when what changes these tables has ended: updater doctor shows open transactions.",
    }),
    replayGoesOn: ({ seconds }: { seconds: number }) => ({
      what: `The copy of the database was told to stand still, and has not done so within ${seconds} s.`,
      next: "Look at the disk (df, iostat) and at its log (updater logs --operation), then try again.",
    }),
    notPromoted: ({ seconds }: { seconds: number }) => ({
      what: `The clone has not become a database of its own within ${seconds} s.`,
      next: "Look at the disk (df, iostat) and at its log (updater logs --operation), then try again.",
    }),
    followerGoesOn: ({ seconds }: { seconds: number }) => ({
      what: `What takes in users' writes for the previous version was ended, and is still there after ${seconds} s.`,
      next: "Look at the disk (df, iostat), then try again: updater rollback",
    }),
    standbyLags: ({ bytes }: { bytes: number }) => ({
      what: `The clone does not catch up with the live database: ${megabytes(bytes)} MB behind.`,
      next: "Try again at a quieter hour.",
    }),
    holdTooLong: ({ seconds, awaited }: { seconds: number; awaited: Wait | null }) => ({
      what: `Users would have waited for more than hold.max (${seconds} s)${awaited === null ? "" : `, for ${waitText(awaited)}`}.`,
      next: [
        awaited && waitHint(awaited),
        "See which step takes so long above; allow more (hold.max in updater.toml) or choose a quiet hour.",
      ]
        .filter(Boolean)
        .join(" "),
    }),
    interrupted: (_: object) => ({
      what: "Interrupted.",
      next: "Start again whenever you like.",
    }),
    hookDied: (hook: { point: string; program: string; reason: string }) => ({
      what: `The hook ${hook.point} (${hook.program}) could not be run, or was killed: ${hook.reason}.`,
      next: `See that what its first line names is on this machine, and that memory suffices: head -1 ${hook.program}; dmesg | tail`,
    }),
    hookFailed: (hook: {
      point: string;
      program: string;
      status: number | null;
      seconds: number;
    }) => ({
      what:
        hook.status === null
          ? `The hook ${hook.point} (${hook.program}) did not end within ${hook.seconds} s.`
          : `The hook ${hook.point} (${hook.program}) exited with ${hook.status}.`,
      next: readOperationLog,
    }),
    probationFailed: ({
      tag,
      failures,
      last,
    }: {
      tag: string;
      failures: number;
      last: readonly FailingPage[] | number | string;
    }) => ({
      what: `BiomAid ${tag} failed ${failures} health checks in a row after the switch. The last one: ${checkText(last)}.`,
      next: "Why it failed: updater logs --operation",
    }),
    nothingToRollBackTo: (_: object) => ({
      what: "No previous generation is kept.",
      next: "See which generations there are with: updater status",
    }),
    previousGone: ({ tag, gone }: { tag: string; gone: readonly string[] }) => ({
      what: `BiomAid ${tag} cannot be put back without what was removed: ${gone.join(", ")}`,
      next: `An image can be built again (updater build ${tag}), a volume cannot. To go forward instead: updater versions`,
    }),
    mediaNotCopied: ({ reason }: { reason: string }) => ({
      what: `The media cannot be kept as they are: ${reason}`,
      next: "If the release does not touch them: rollback.snapshot_media = false in updater.toml, then the same command.",
    }),
    rollbackLosesData: ({ tag, lost }: { tag: string; lost: readonly LossSummary[] | null }) => ({
      what:
        lost === null
          ? `The database of ${tag} does not follow any more: what was written since then is not in it, and nobody can tell how many rows.`
          : `${tag} cannot keep all that was written since the swap. Going back would lose: ${lossText(lost)}.`,
      next: `${lost === null ? "" : "To keep a copy of it: updater rollback --export FOLDER. "}If you agree to lose it (the rest is kept): updater rollback --accept-data-loss`,
    }),
    exportUnwritable: ({ folder, reason }: { folder: string; reason: string }) => ({
      what: `What is lost cannot be written to ${folder}: ${reason}`,
      next: "Give the path of an empty folder, or of one that does not exist yet.",
    }),
    followerLags: ({ seconds, bytes }: { seconds: number; bytes: number | null }) => ({
      what: `The previous version's database did not catch up with what users wrote within ${seconds} s: ${bytes === null ? "nothing takes it in" : `${megabytes(bytes)} MB behind`}.`,
      next: "Look at it with updater status, then try again: updater rollback",
    }),
    roomTooSmall: (room: { resource: "disk" | "memory"; needed: number; free: number }) => ({
      what: `This needs about ${megabytes(room.needed)} MB of ${room.resource}; ${megabytes(room.free)} MB are free.`,
      next:
        room.resource === "disk"
          ? "Make room (updater prune, docker system df), then try again."
          : "End what else runs on this machine, then try again.",
    }),
    engineRefuses: ({ reason }: { reason: string }) => ({
      what: `Docker Engine has not done what it was asked: ${reason}`,
      next: "Mend what it names, then try again. More of it: updater logs --operation",
    }),
    databaseRefuses: ({ reason }: { reason: string }) => ({
      what: `PostgreSQL refused something: ${reason}`,
      next: "Mend what it names, then try again. More of it: updater logs --operation",
    }),
    internal: ({ reason }: { reason: string }) => ({
      what: `Something unexpected happened: ${reason}`,
      next: "Please report it, with the output of the same command and --verbose.",
    }),
  },
};

function megabytes(bytes: number): string {
  return count(Math.ceil(bytes / 1_000_000));
}
