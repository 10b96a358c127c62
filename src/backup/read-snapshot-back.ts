import { type Backup, backupFolder } from "./backups.ts";
import type { Restic } from "./restic.ts";
import { retryWhileLocked } from "./shared-repository.ts";
import { scriptBeside } from "../lib/script.ts";

const checkPacks = scriptBeside(import.meta.url, "check-packs.sh");
const checkBackup = scriptBeside(import.meta.url, "check-backup.sh");

/** Packs that are read, with all others, in the time in which one is read by itself: each opens the repository anew. */
const packsOfOpening = 5;

/** Days after which everything that is kept has been read again. */
const readingRounds = 30;

/**
 * Reads back what has reached the repository: every pack that is new against its checksum (with all others where that
 * takes no longer), a part of the older ones in turns, the list of what each file is made of, and the database backups, which must be
 * those that were restored.
 * @throws ResticError
 */
export async function readBack(
  restic: Restic,
  made: {
    readonly id: string;
    readonly packs: readonly string[];
    /** How many there were before. */
    readonly before: number;
    readonly backups: readonly Backup[];
  },
  signal: AbortSignal,
): Promise<void> {
  const { id, packs, before, backups } = made;
  const all = packs.length * packsOfOpening >= packs.length + before;
  const round = (Math.floor(Date.now() / 86_400_000) % readingRounds) + 1;
  const part = all ? "--read-data" : `--read-data-subset=${round}/${readingRounds}`;
  await retryWhileLocked(restic, ["check", part], signal);
  if (!all) await restic.script(checkPacks, packs, { signal });
  for (const { name, sha256 } of backups) {
    await restic.script(checkBackup, [id, `${backupFolder}/${name}`, sha256], { signal });
  }
}
