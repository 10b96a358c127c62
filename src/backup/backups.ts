import { z } from "zod";
import { type BackupKind, backupKinds } from "../config/schema-maintenance.ts";
import { moment } from "../postgres/transaction-marker.ts";
import { paths } from "../instance/names.ts";
import { users } from "../instance/users.ts";
import { json } from "../lib/json.ts";
import { scriptBeside, shellCommand } from "../lib/script.ts";

/** In the site's volume for backups; its applications, which share the volume, cannot reach into it. */
export const backupFolder = `${paths.backups}/updater`;

const manifest = z.strictObject({
  version: z.literal(1),
  /** Name of the file, in the folder where this is read. */
  name: z.string().regex(/^[^/]+$/),
  instance: z.string(),
  kind: z.enum(backupKinds),
  /** What was serving. */
  tag: z.string(),
  commit: z.string(),
  localCommit: z.string(),
  generation: z.int().positive(),
  /** Nothing that was written later is in it. */
  takenAt: z.iso.datetime(),
  /** When it was restored into a database that was thrown away. */
  verifiedAt: z.iso.datetime(),
  /** The same for the database. */
  moment,
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** What is known of a backup; written beside it once it has been checked. */
export type Backup = Readonly<z.infer<typeof manifest>>;

/** One that is kept, and what its file looks like now. */
export interface KeptBackup extends Backup {
  /** Its file is gone, or not as long as it was. */
  readonly damaged: boolean;
}

/** Another file in the volume: a hook's, or a person's. */
export interface OtherFile {
  readonly path: string;
  readonly bytes: number;
  readonly writtenAt: string;
}

export interface Backups {
  /** The newest first. */
  readonly backups: readonly KeptBackup[];
  readonly others: readonly OtherFile[];
}

const extensions: Readonly<Record<BackupKind, string>> = { dump: "dump", json: "json.bz2" };

/** Says when, what and of which kind: 2026-11-25T13-30-00Z-0.14.10.dump. */
export function backupName(takenAt: string, tag: string, kind: BackupKind): string {
  const moment = takenAt.replace(/\.\d+Z$/, "Z").replaceAll(":", "-");
  return `${moment}-${tag}.${extensions[kind]}`;
}

/** Files of others that are looked at, at most. */
export const mostOthers = 1000;

/** Milliseconds from 1970 to the last moment that can be told; a file may say that it is from after that, or before the first. */
const farthest = 8.64e15;

/** Prints what `parseBackups` reads. */
export const listBackupsCommand = shellCommand(
  scriptBeside(import.meta.url, "list-backups.sh"),
  paths.backups,
  String(users.database),
);

/** Prints what `parseOthers` reads. */
export const listOthersCommand = shellCommand(
  scriptBeside(import.meta.url, "list-others.sh"),
  paths.backups,
  String(mostOthers),
);

/** @returns the newest first; what is not understood (a manifest of a later version) is passed over */
export function parseBackups(listing: string, instance: string): KeptBackup[] {
  const backups = listing.split("\n").flatMap((line): KeptBackup[] => {
    const [, bytes, encoded = ""] = /^(\d+) (\S+)$/.exec(line) ?? [];
    const known = parseManifest(Buffer.from(encoded, "base64").toString("utf8"));
    if (known?.instance !== instance) return [];
    return [{ ...known, damaged: Number(bytes) !== known.bytes }];
  });
  return backups.sort(
    (one, other) => order(other.takenAt, one.takenAt) || order(one.name, other.name),
  );
}

/** @returns the newest first */
export function parseOthers(listing: string): OtherFile[] {
  const others = listing.split("\0").flatMap((line): OtherFile[] => {
    const [, bytes, seconds, path] = /^(\d+) (-?[\d.]+) (.+)$/s.exec(line) ?? [];
    if (path === undefined) return [];
    const at = Number(seconds) * 1000;
    return [
      {
        path,
        bytes: Number(bytes),
        writtenAt: new Date(Math.max(-farthest, Math.min(farthest, at))).toISOString(),
      },
    ];
  });
  return others.sort((one, other) => order(other.writtenAt, one.writtenAt));
}

const order = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);

/** @returns nothing when it is none, or one of a later version */
export function parseManifest(content: string): Backup | undefined {
  return json(manifest).safeParse(content).data;
}

/** Backups that need no longer be kept; the newest of each kind that is whole is always kept. */
export function beyondKeeping(
  backups: readonly KeptBackup[],
  { keep, maxAgeMs = Infinity }: { readonly keep: number; readonly maxAgeMs: number | undefined },
  now = Date.now(),
): KeptBackup[] {
  return backupKinds.flatMap((kind) => {
    const whole = backups.filter((one) => one.kind === kind && !one.damaged);
    return whole.filter(
      ({ takenAt }, index) => index > 0 && (index >= keep || now - Date.parse(takenAt) > maxAgeMs),
    );
  });
}
