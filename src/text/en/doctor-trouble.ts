import { endPrepared, type Prepared, psql, setLogged, sortAgain, type Where } from "../psql.ts";
import { count, day, moment, shortList } from "./format.ts";
import { ago, checks, plural } from "./doctor-words.ts";
import { size } from "./measures.ts";
import { type Outside, outsideText, preparedText } from "./operations.ts";

type CheckName = keyof typeof checks;
type Failure = "name" | "connection" | "timeout" | "tls" | "proxy" | "status";

const failures: Record<Failure, string> = {
  name: "its name cannot be resolved",
  connection: "it cannot be connected to",
  timeout: "it does not answer",
  tls: "its certificate is not trusted",
  proxy: "the proxy asks for a password",
  status: "it refuses the request",
};

const remedies: Record<Failure, string> = {
  name: 'Look at the engine\'s DNS ("dns" in /etc/docker/daemon.json), or set build.https_proxy',
  connection: "Open the firewall for the engine, or set build.http_proxy and build.https_proxy",
  timeout: "Open the firewall for the engine, or set build.http_proxy and build.https_proxy",
  tls: "Set build.ca_bundle in updater.toml to a PEM file with your network's CA",
  proxy: "Put the proxy's URL with its password into build.https_proxy_file in updater.toml",
  status: "Ask whoever runs the proxy or the mirror to let it pass",
};

/** What is not as it must be: what, why it matters, and what to type. */
export const trouble = {
  checkFailed: ({ check, reason }: { check: CheckName; reason: string }) => ({
    what: `Not looked at (${checks[check]}): ${reason}`,
    why: "Whether that part is as it must be, nobody knows.",
    fix: "updater doctor --verbose",
  }),
  checkTooLong: ({ check, seconds }: { check: CheckName; seconds: number }) => ({
    what: `No answer within ${plural(seconds, "second")} (${checks[check]}).`,
    why: "Something hangs, and would hang during an update too.",
    fix: "updater doctor --verbose; then look at the engine: journalctl -u docker",
  }),
  storageDriver: ({ driver }: { driver: string }) => ({
    what: `The engine stores images with “${driver}”.`,
    why: "Each image and container is slow to make, or takes its full size on disk.",
    fix: 'Set "storage-driver": "overlay2" in /etc/docker/daemon.json; systemctl restart docker',
  }),
  builderFails: ({ reason }: { reason: string }) => ({
    what: `BuildKit does not build: ${reason}`,
    why: "No version can be built.",
    fix: "journalctl -u docker; then systemctl restart docker when no user is on the site",
  }),
  noImage: (_: object) => ({
    what: "None of the updater's images is on this engine.",
    why: "Disk, clock and network cannot be looked at from a container.",
    fix: "npm run setup",
  }),
  diskTooSmall: ({ needed, free }: { needed: number; free: number }) => ({
    what: `Disk: ${size(free)} free where the engine keeps volumes; the next swap needs ${size(needed)}.`,
    why: "swap refuses: the copy of the database would not fit.",
    fix: "updater prune; docker builder prune; docker system df shows the rest",
  }),
  fewInodes: ({ free, total }: { free: number; total: number }) => ({
    what: `Inodes: ${count(free)} of ${count(total)} free where the engine keeps volumes.`,
    why: "An image has tens of thousands of files; without inodes the disk counts as full.",
    fix: "updater prune; docker builder prune; docker image prune",
  }),
  memoryTooSmall: ({ needed, free }: { needed: number; free: number }) => ({
    what: `Memory: ${size(free)} free; a candidate beside the serving version needs ${size(needed)}.`,
    why: "swap refuses: the kernel would kill a process, perhaps the serving one.",
    fix: "docker stats shows who takes it; lower site.workers in updater.toml, or add memory",
  }),
  clockOff: ({ seconds, against }: { seconds: number; against: string }) => ({
    what: `Clock: this machine and ${against} are ${plural(seconds, "second")} apart.`,
    why: "Certificates, sessions and the order of operations depend on it.",
    fix: "timedatectl set-ntp true",
  }),
  clockUnsynchronised: (_: object) => ({
    what: "Clock: nothing keeps it right (NTP is off, or reaches no server).",
    why: "It will drift; certificates and sessions depend on it.",
    fix: "timedatectl set-ntp true",
  }),
  baseImageOld: ({ images, days }: { images: readonly string[]; days: number }) => ({
    what: `Base images of ${plural(days, "day")} ago: ${images.join(", ")}`,
    why: "They lack the security updates since.",
    fix: `docker image rm ${images.join(" ")} && npm run setup`,
  }),
  siteImageOld: ({ images, days }: { images: readonly string[]; days: number }) => ({
    what: `Base images of ${plural(days, "day")} ago: ${images.join(", ")}`,
    why: "They lack the security updates since.",
    fix: images.map((image) => `docker pull ${image}`).join(" && "),
  }),
  unreachable: (found: { host: string; use: string; failure: Failure; detail: string }) => ({
    what: `A build does not reach ${found.host} (${found.use}): ${failures[found.failure]}${found.detail === "" ? "" : ` (${found.detail})`}.`,
    why: "A version that is not built yet cannot be built.",
    fix: remedies[found.failure],
  }),
  secretOpen: ({ files }: { files: readonly string[] }) => ({
    what: `Others on this machine may read: ${files.join(", ")}`,
    why: "They are secrets; the other commands refuse one that everybody may read.",
    fix: `chmod 600 ${files.join(" ")}`,
  }),
  foreignOwner: ({ files, owner }: { files: readonly string[]; owner: string }) => ({
    what: `Somebody else owns: ${files.join(", ")}`,
    why: "The owner may change what the updater, and so the site, runs with.",
    fix: `chown ${owner} ${files.join(" ")}`,
  }),
  worldWritable: ({ files }: { files: readonly string[] }) => ({
    what: `Everybody on this machine may change: ${files.join(", ")}`,
    why: "Whoever changes it decides what runs on the site, as the updater's user.",
    fix: `chmod o-w ${files.join(" ")}`,
  }),
  caBundle: ({ file }: { file: string }) => ({
    what: `build.ca_bundle: ${file} holds no valid certificate.`,
    why: "Builds would trust nobody, and download nothing.",
    fix: `openssl x509 -in ${file} -noout -subject; then name a PEM file in updater.toml`,
  }),
  stopped: ({ containers }: { containers: readonly string[] }) => ({
    what: `Not running: ${containers.join(", ")}`,
    why: "Users do not get the site without it; swap refuses.",
    fix: "updater recover",
  }),
  missing: ({ containers }: { containers: readonly string[] }) => ({
    what: `Gone: ${containers.join(", ")}`,
    why: "Users do not get the site without it. The data is in volumes: delete none.",
    fix: "updater recover",
  }),
  restartPolicy: (found: { containers: readonly string[]; policy: string }) => ({
    what: `Restart policy is not “${found.policy}”: ${found.containers.join(", ")}`,
    why:
      found.policy === "no"
        ? "A generation that was left would come back after a reboot, and take memory."
        : "They would not come back after a reboot.",
    fix: `docker update --restart ${found.policy} ${found.containers.join(" ")}`,
  }),
  schedulerDead: (_: object) => ({
    what: "The scheduler does not run.",
    why: "[jobs] says that the updater runs BiomAid's jobs; nobody does.",
    fix: "updater jobs start",
  }),
  keptRunning: ({ containers }: { containers: readonly string[] }) => ({
    what: `Running though no user reaches it: ${containers.join(", ")}`,
    why: "It takes memory that the next swap needs.",
    fix: "updater prune",
  }),
  pagesFail: (found: { tag: string; pages: readonly { page: string; status: number }[] }) => ({
    what: `${found.tag} does not answer 200 for ${found.pages.map(({ page, status }) => `${page} (${status === 0 ? "no answer" : status})`).join(", ")}`,
    why: "Users see the same; swap refuses.",
    fix: "updater logs --tail 100",
  }),
  gateClosed: (found: {
    tag: string;
    database: string;
    role: string;
    volume: string;
    slot: number;
    image: string;
  }) => ({
    what: "The gate is closed and no operation is going on: one was cut off, users wait.",
    why: `Nothing is lost: ${found.tag} and its database are whole. This opens the gate to it again.`,
    fix: `docker exec ${found.database} psql -U postgres -c 'ALTER ROLE "${found.role}" LOGIN' && docker run --rm -v ${found.volume}:/c ${found.image} sh -c 'ln -sfn ../slot-${found.slot} /c/.serving.next && mv -T /c/.serving.next /c/serving' && updater prune`,
  }),
  gatesLeft: ({ containers }: { containers: readonly string[] }) => ({
    what: `Gates left by an operation: ${containers.join(", ")}`,
    why: "They hold nobody, as users are not led to them, and they take memory.",
    fix: "updater prune",
  }),
  deadLock: (found: { container: string; operation: string; since: string }) => ({
    what: `The lock of “${found.operation}” (${moment(found.since)}) is there, and its container is dead.`,
    why: "Whoever held it is gone; what it began may be half done.",
    fix: "updater prune, which takes the lock over and tidies",
  }),
  unfinished: (found: { generations: readonly number[]; objects: readonly string[] }) => ({
    what: `Left of an operation, unknown to the state: ${found.objects.join(", ")}`,
    why: `Parts of ${found.generations.length === 1 ? "generation" : "generations"} ${found.generations.join(", ")} that nothing leads to; they take disk.`,
    fix: "updater prune",
  }),
  scratchLeft: ({ containers }: { containers: readonly string[] }) => ({
    what: `Left of a command that was killed: ${containers.join(", ")}`,
    why: "They do nothing, and nothing removes them.",
    fix: `docker rm --force ${containers.join(" ")}`,
  }),
  strangers: ({ volumes }: { volumes: readonly string[] }) => ({
    what: `Volumes with the site's label that it does not use: ${volumes.join(", ")}`,
    why: "The updater did not make them; updater destroy would delete them.",
    fix: `docker volume inspect ${volumes.join(" ")}; then docker volume rm, if nobody needs it`,
  }),
  imagesUnused: ({ images, bytes }: { images: readonly string[]; bytes: number }) => ({
    what: `Images that no generation uses, for more than a week: ${images.join(", ")}`,
    why: `They take up to ${size(bytes)}, and can be built again.`,
    fix: "updater prune",
  }),
  noTls: ({ host, reason, listen }: { host: string; reason: string; listen: string }) => ({
    what: `https://${host} does not answer (${reason}).`,
    why: "Passwords cross the network in the clear; TLS in front is the sysadmin's.",
    fix: `Put a proxy with TLS (nginx, Caddy) in front of http://${listen}`,
  }),
  tlsExpires: ({ host, until, days }: { host: string; until: string; days: number }) => ({
    what:
      days < 0
        ? `https://${host}: the certificate has expired (${day(until)}).`
        : `https://${host}: the certificate expires in ${plural(days, "day")} (${day(until)}).`,
    why: "Browsers then refuse the site.",
    fix: "Renew it on the proxy in front: certbot renew, or your authority's procedure",
  }),
  tlsName: ({ host, names }: { host: string; names: string }) => ({
    what: `https://${host}: the certificate is for other names (${names}).`,
    why: "Browsers refuse the site under this one.",
    fix: `openssl s_client -connect ${host}:443 -servername ${host} shows it; have one made for ${host}`,
  }),
  tlsUntrusted: ({ host, reason }: { host: string; reason: string }) => ({
    what: `https://${host}: this machine does not trust the certificate (${reason}).`,
    why: "Browsers that do not know its authority refuse the site.",
    fix: `openssl s_client -connect ${host}:443 -servername ${host} -showcerts`,
  }),
  setting: (found: {
    name: string;
    value: string;
    wanted: string;
    why: "swap" | "crash" | "disk" | "checksums" | "vacuum";
    restart: boolean;
    container: string;
  }) => ({
    what: `${found.name} is ${found.value}; it must be ${found.wanted}.`,
    why: {
      swap: "A swap copies the database through replication, and fails without it.",
      crash: "A power cut would damage the database.",
      disk: "A forgotten replication slot could fill the disk.",
      checksums: "A damaged disk would go unnoticed.",
      vacuum: "While a copy is read, the serving database could cancel its queries.",
    }[found.why],
    fix:
      found.why === "checksums"
        ? "updater init --from-dump, with a dump and another instance name: only a new cluster has them"
        : `docker exec -u postgres ${found.container} psql -c "ALTER SYSTEM RESET ${found.name}" -c "SELECT pg_reload_conf()"${found.restart ? `; then docker restart ${found.container}, when no user is on the site` : ""}`,
  }),
  longTransaction: (found: {
    pid: number;
    who: string;
    minutes: number;
    state: string;
    container: string;
  }) => ({
    what: `A transaction has been open for ${plural(found.minutes, "minute")}: ${found.who}, ${found.state}.`,
    why: "A swap waits for it, then ends it: what it did is lost.",
    fix: `docker exec -u postgres ${found.container} psql -c "SELECT pg_terminate_backend(${found.pid})"`,
  }),
  slotKeepsLog: (found: { slot: string; bytes: number; ours: boolean; container: string }) => ({
    what: `Nobody reads the replication slot ${found.slot}; ${size(found.bytes)} of log are kept for it.`,
    why: found.ours
      ? "It is left of a copy that was cut off, and keeps log files until it is dropped."
      : "It is not the updater's, and keeps log files until it is dropped.",
    fix: `docker exec -u postgres ${found.container} psql -c "SELECT pg_drop_replication_slot('${found.slot}')"`,
  }),
  slotLost: ({ slot, previous }: { slot: string; previous: string }) => ({
    what: `The replication slot ${slot} has lost its place: more was written than it may keep.`,
    why: `The database of ${previous} follows no longer: going back would lose what was written since.`,
    fix: "nothing, unless you must go back: updater rollback names what would be lost",
  }),
  unloggedTables: ({ tables, ...where }: { tables: readonly string[] } & Where) => ({
    what: `Not logged (UNLOGGED), and not empty: ${shortList(tables)}`,
    why: "swap refuses: a copy of the database has them empty, and so would the next version.",
    fix: setLogged(where, tables),
  }),
  preparedTransactions: (found: { transactions: readonly Prepared[]; container: string }) => ({
    what: `Prepared transactions that nobody has ended: ${preparedText(found.transactions)}`,
    why: "swap refuses: it would wait for them, and users with it. COMMIT keeps what it did, ROLLBACK drops it. Then the next one.",
    fix: endPrepared(found.container, found.transactions, "COMMIT"),
  }),
  extensionsMissing: ({ extensions, ...where }: { extensions: readonly string[] } & Where) => ({
    what: `Extensions that the database's image does not have: ${extensions.join(", ")}`,
    why: "What uses them fails, and so may a backup.",
    fix: psql(where, [`DROP EXTENSION ${extensions.join(", ")}`]),
  }),
  collationsChanged: (found: { collations: readonly string[]; own: boolean } & Where) => ({
    what: `Indexes are sorted by other versions than there are now of ${[...found.collations, ...(found.own ? [found.database] : [])].join(", ")}`,
    why: "Rows may not be found, and doubles may be let in.",
    fix: sortAgain(found, found.collations, found.own),
  }),
  keyless: ({ tables, ...where }: { tables: readonly string[] } & Where) => ({
    what: `Without a primary key, or divided into partitions: ${shortList(tables)}`,
    why: "They do not follow: a rollback leaves out what is written to them, and asks first.",
    fix: `${psql(
      where,
      tables.slice(0, 1).map((table) => `ALTER TABLE ${table} ADD PRIMARY KEY (…)`),
    )}, by the columns that tell its rows apart`,
  }),
  followsNot: ({ container, database, ...found }: Outside & Where) => ({
    what: `Does not follow: ${outsideText(found)}`,
    why: "A rollback leaves out what is written there after a swap; where it can count that, it asks first.",
    fix:
      found.tables.length > 0
        ? `${psql({ container, database }, [`ALTER TABLE ${found.tables[0]} SET SCHEMA public`])}, with a primary key`
        : "docs/rollback.md, “What is kept, and what is not”",
  }),
  noRehearsal: (_: object) => ({
    what: "No version was ever rehearsed here.",
    why: "How long users would wait, and what would change, nobody knows.",
    fix: "updater versions, then updater rehearse TAG",
  }),
  rehearsalOld: ({ tag, since }: { tag: string; since: number }) => ({
    what: `The last rehearsal, of ${tag}, was ${ago(since)}.`,
    why: "It says little about today's data; a swap says so too.",
    fix: `updater rehearse ${tag}`,
  }),
  noBackup: (_: object) => ({
    what: "There is no backup in the site's volume for backups.",
    why: "What a disk takes with it comes back from a backup, and from nothing else.",
    fix: "updater backup",
  }),
  backupOld: (found: { file: string; since: number }) => ({
    what: `The newest backup, ${found.file}, was written ${ago(found.since)}.`,
    why: "What was written since would be lost with the disk.",
    fix: "updater backup",
  }),
  noSnapshot: (_: object) => ({
    what: "There is no snapshot in the repository of [backup.snapshots].",
    why: "Media and settings are on this machine alone, and so are the database backups.",
    fix: "updater backup",
  }),
  snapshotOld: ({ name, since }: { name: string; since: number }) => ({
    what: `The newest snapshot, ${name}, was taken ${ago(since)}.`,
    why: "Files that came since are on this machine alone.",
    fix: "updater backup",
  }),
};
