import { count, day } from "./format.ts";
import { trouble } from "./doctor-trouble.ts";
import { ago, plural } from "./doctor-words.ts";
import { size } from "./measures.ts";

/** “base:12” */
const short = (image: string) => image.replace("biomaid-updater/", "");

/** What `updater doctor` says: a line for what is fit, three for what is not. */
export const doctor = {
  title: (instance: string | null) =>
    instance === null ? "This machine" : `This machine and the instance ${instance}`,
  groups: {
    machine: "Machine",
    builds: "Builds",
    configuration: "Configuration",
    site: "Site",
    database: "Database",
    care: "Rehearsals and backups",
  },
  summary: (problems: number, warnings: number) =>
    problems + warnings === 0
      ? "Fit: nothing to do."
      : problems === 0
        ? `Fit, with ${plural(warnings, "warning")}.`
        : `Not fit: ${plural(problems, "problem")}, ${plural(warnings, "warning")}.`,
  levels: { ok: "ok", warning: "warning", problem: "problem" },

  /** Why it matters that something would be refused. */
  reasons: {
    engine: "Everything of a site lives in the engine; nothing of it can be looked at.",
    configuration: "Every other command refuses until that is put right.",
    instance: "No other command can go on from there.",
    gate: "Users get no answer, or the maintenance page.",
    unfinished: "Users may be waiting; nothing is lost.",
    foreign: "The next operation needs that name, and never touches what is not the site's.",
    image: "The next version cannot be built.",
    snapshots: "Until it can be reached no snapshot is taken, and none comes back.",
    unknown: "Whether this is as it must be, nobody knows.",
  },

  fine: {
    engine: ({ version, api, driver }: { version: string; api: string; driver: string }) =>
      `Docker Engine ${version} (API ${api}, ${driver})`,
    builder: (_: object) => "BuildKit builds",
    disk: ({ needed, free }: { needed: number; free: number }) =>
      `Disk: ${size(free)} free, the next swap needs ${size(needed)}`,
    inodes: ({ free }: { free: number | null }) =>
      free === null ? "Inodes: as many as are needed" : `Inodes: ${count(free)} free`,
    memory: ({ needed, free }: { needed: number; free: number }) =>
      `Memory: ${size(free)} free, a candidate needs ${size(needed)}`,
    reflinks: ({ there }: { there: boolean }): string =>
      there
        ? "Volumes can share blocks (reflinks)"
        : "Volumes have no reflinks: a copy takes its full size",
    clock: ({
      against,
      synchronised,
    }: {
      against: readonly string[];
      synchronised: boolean | null;
    }) => `Clock: agrees with ${against.join(", ")}${synchronised ? "; kept right by NTP" : ""}`,
    baseImages: ({ images, at }: { images: readonly string[]; at: string }) =>
      `Base images: ${images.map(short).join(", ")}; the oldest of ${day(at)}`,
    reached: ({ hosts }: { hosts: readonly string[] }) => `A build reaches ${hosts.join(", ")}`,
    configuration: ({ file }: { file: string }) => `${file} is valid`,
    permissions: ({ files }: { files: number }) =>
      `Permissions of ${plural(files, "file")} are as they must be`,
    certificates: ({ certificates }: { certificates: number }) =>
      `build.ca_bundle: ${plural(certificates, "certificate")}`,
    noInstance: ({ instance }: { instance: string }) =>
      `There is no instance ${instance} yet, and nothing of that name (to come: updater init for a new site, updater adopt --stand-in for one that runs here)`,
    serving: ({ tag, pages }: { tag: string; pages: number }) =>
      `${tag} is serving; ${plural(pages, "page")} answered`,
    remains: ({ operation, rehearsal }: { operation: string | null; rehearsal: boolean }) =>
      operation !== null
        ? `Going on: ${operation}; what is under way was not looked at`
        : rehearsal
          ? "Nothing left of earlier operations but a rehearsal that is kept (updater rehearse --remove)"
          : "Nothing left of earlier operations",
    names: (_: object) => "No foreign object has a name the next operation needs",
    tls: ({ host, until }: { host: string; until: string }) =>
      `https://${host}: certificate good until ${day(until)}`,
    database: ({ bytes, version }: { bytes: number; version: string }) =>
      `PostgreSQL ${version}, ${size(bytes)}; settings are as they must be`,
    transactions: (_: object) => "No transaction has been open for long",
    replicationSlots: ({ slots, bytes }: { slots: number; bytes: number }) =>
      slots === 0
        ? "No replication slot keeps log files"
        : `${plural(slots, "replication slot")} of the updater: ${size(bytes)} of log kept`,
    carried: (_: object) => "Copies of the database are complete, and all of it follows",
    rehearsal: ({ tag, since, verdict }: { tag: string; since: number; verdict: string }) =>
      `Last rehearsal: ${tag}, ${ago(since)}, ${{ ready: "ready", remarks: "ready, with remarks", "not-ready": "not ready" }[verdict] ?? verdict}`,
    backup: ({ file, since, bytes }: { file: string; since: number; bytes: number }) =>
      `Last backup: ${file}, ${ago(since)}, ${size(bytes)}`,
    snapshot: ({ name, since, bytes }: { name: string; since: number; bytes: number }) =>
      `Last snapshot: ${name}, ${ago(since)}, ${size(bytes)}`,
  },

  trouble,
};
