import type { OperationContext } from "../runner/context.ts";
import type { Generation } from "../instance/state.ts";
import type { Backup } from "./backups.ts";
import type { Dump } from "./dump.ts";

/** Where a restore takes from what it puts in the place of what is serving. */
export interface BackupSource {
  /** Of the version it restores. */
  readonly tag: string;
  /** Makes ready what reads it; `clearBackup` removes that. Under the lock. */
  open(
    operation: OperationContext,
    serving: Generation,
    signal: AbortSignal,
  ): Promise<OpenedBackup>;
}

export interface OpenedBackup {
  /** Its name, of when it is, and that moment in the database's own terms, where that is known. */
  readonly backup: Pick<Backup, "name" | "takenAt"> & Partial<Pick<Backup, "moment">>;
  /** Whether media come with it. */
  readonly withMedia: boolean;
  readonly dump: Dump;
  /** @throws UpdaterError what can be seen at once to speak against it */
  look(): Promise<void>;
  /** What takes long, once it is agreed to. @throws UpdaterError when it is not what was verified */
  fetch?(): Promise<void>;
}
