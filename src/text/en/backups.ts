import { toSql, word } from "../psql.ts";
import { count, moment } from "./format.ts";
import { duration, size } from "./measures.ts";
import { readOperationLog } from "./operations.ts";

/** Rows of a table that were written since a moment. */
export interface WrittenRows {
  readonly table: string;
  readonly rows: number;
}

const writtenText = (written: readonly WrittenRows[] | null) => {
  if (written === null) return "nobody can tell how many rows";
  const tables = written.map(
    ({ table, rows }) => `${table} (${count(rows)} ${rows > 1 ? "rows" : "row"})`,
  );
  return tables.length > 0 ? tables.join(", ") : "no row, but perhaps deletions";
};

/** Backups, snapshots, and the way back from them. */
export const backups = {
  errors: {
    dumpUnreadable: ({ file, reason }: { file: string; reason: string }) => ({
      what: `The dump ${file} cannot be read: ${reason}`,
      next: "Give the path of a file that you may read.",
    }),
    notADump: ({ file }: { file: string }) => ({
      what: `${file} is not a dump: neither of pg_dump (archive or SQL) nor of manage.py backup or dumpdata.`,
      next: "Make one with pg_dump -Fc, or with manage.py backup.",
    }),
    dumpRefused: ({ file, reason }: { file: string; reason: string }) => ({
      what: `The dump ${file} could not be restored: ${reason}`,
      next: "Give a dump of the site's database that fits the version you start with, as pg_dump -Fc writes it.",
    }),
    dumpBreaksOff: ({ file }: { file: string }) => ({
      what: `${file} breaks off: the end is missing that pg_dump writes.`,
      next: "Make the dump again, or copy it again and compare its size with that of the original.",
    }),
    dumpTooLarge: ({ file, free }: { file: string; free: number }) => ({
      what: `There is too little room for ${file}: ${size(free)} are left on the disk, and it is not all in.`,
      next: "Make room (updater prune, docker system df), then try again.",
    }),
    dumpUnsuitable: (found: {
      file: string;
      why: "folder" | "tar" | "newer" | "cluster";
      /** By gzip. */
      packed: boolean;
      /** Of the database here. */
      postgres?: number;
    }) => ({
      what: {
        folder: `${found.file} is a folder: a dump in pg_dump's directory format has to become one file.`,
        tar: `${found.file} is a dump in pg_dump's tar format, which cannot be read here.`,
        newer: `${found.file} was written by a pg_dump that is newer than the database here, PostgreSQL ${found.postgres}, which cannot read such an archive.`,
        cluster: `${found.file} holds a whole server, and not one database: pg_dumpall wrote it.`,
      }[found.why],
      next:
        found.why === "cluster"
          ? "Where it comes from, take the site's database alone: pg_dump -Fc -f FILE DATABASE"
          : `Make SQL of it, where it was written, and give that instead: ${toSql(found.file, found.packed)}`,
    }),
    dumpLeavesOut: (left: {
      file: string;
      roles: readonly string[];
      settings: readonly string[];
    }) => ({
      what: `Not taken over from ${left.file}: ${[
        left.roles.length > 0 ? `what ${left.roles.join(", ")} may do there` : "",
        left.settings.length > 0 ? `settings of its database (${left.settings.join(", ")})` : "",
      ]
        .filter(Boolean)
        .join("; ")}.`,
      next:
        left.roles.length > 0
          ? "Only BiomAid reads its database here: whatever else reads the old one, find it before that is switched off."
          : "BiomAid works without them.",
    }),
    backupFailed: ({ reason }: { reason: string }) => ({
      what: `The backup could not be made, or not be restored where it was tried: ${reason}`,
      next: `${readOperationLog} What was restored before it failed is kept: updater backups`,
    }),
    ownBackupLeftOut: ({ limitMs, lastMs }: { limitMs: number; lastMs: number | null }) => ({
      what: `BiomAid's own backup is left out, for the dump is made: ${
        lastMs !== null && lastMs > limitMs
          ? `the last one took ${duration(lastMs)}, and backup.json_limit is ${duration(limitMs)}.`
          : `it takes longer than backup.json_limit, ${duration(limitMs)}.`
      } To make it beside users: updater backup`,
      next: "To wait longer for it before each swap, write a longer backup.json_limit.",
    }),
    backupUnknown: ({ name, newest }: { name: string; newest: string | undefined }) => ({
      what: `There is no backup, no snapshot and no file ${name}.`,
      next:
        newest === undefined
          ? "To make one: updater backup"
          : `The newest backup is ${newest}. All of them: updater backups`,
    }),
    backupDamaged: ({ name, at }: { name: string; at: string }) => ({
      what: `The backup ${name} is not what it was when it was verified, ${moment(at)}: its size or its checksum differs.`,
      next: "Choose another one (updater backups), or put back the copy you keep elsewhere.",
    }),
    snapshotRepository: ({
      repository,
      reason,
      perhapsNew,
    }: {
      repository: string;
      reason: string;
      perhapsNew: boolean;
    }) => ({
      what: `The repository of snapshots ${repository} cannot be used: ${reason}`,
      next: `${perhapsNew ? "If none was made there yet, the first updater backup makes it. " : ""}See that it is there (a disk that is mounted, a host that answers), and that its password and keys are those of [backup.snapshots]. Then try again.`,
    }),
    snapshotFailed: ({ reason }: { reason: string }) => ({
      what: `The snapshot could not be taken, or not be read back: ${reason}`,
      next: `${readOperationLog} Database backups that were verified are kept: updater backups`,
    }),
    snapshotDamaged: ({ name, reason }: { name: string; reason: string }) => ({
      what: `The snapshot ${name} cannot be read as a whole: ${reason}`,
      next: `Choose another one: updater backups. What can be read of this one: updater restore ${name} --into FOLDER`,
    }),
    intoUnwritable: ({ folder, reason }: { folder: string; reason: string }) => ({
      what: `The snapshot cannot be written to ${folder}: ${reason}`,
      next: "Give the path of an empty folder of this machine, or of one that does not exist yet.",
    }),
    noSnapshots: (_: object) => ({
      what: "--into is for snapshots, and updater.toml names no repository of snapshots.",
      next: "Add [backup.snapshots] to it; docs/configuration.md explains its keys.",
    }),
    restoreLosesData: (loss: {
      name: string;
      at: string;
      lost: readonly WrittenRows[] | null;
    }) => ({
      what: `${loss.name} is of ${moment(loss.at)}. What was written since is not in it: ${writtenText(loss.lost)}.`,
      next: `If you agree to lose it: updater restore ${word(loss.name)} --accept-data-loss. What serves now is kept: updater rollback --accept-data-loss returns to it.`,
    }),
    backupsFolder: ({ folder, found }: { folder: string; found: string }) => ({
      what: `The folder ${folder} in the site's volume for backups is not the updater's own (${found}).`,
      next: "See who has made it, and move it away: updater exec -- ls -la /srv/backups",
    }),
  },
};
