import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { BackupStore, dumpOf } from "./backup-store.ts";
import { comparedWith, type Dump, recogniseDump } from "./dump.ts";
import type { KeptBackup } from "./backups.ts";
import type { Instance } from "../instance/instance.ts";
import type { InstanceView } from "../instance/read-instance.ts";
import { servingGeneration } from "../instance/serving.ts";
import { UpdaterError } from "../errors.ts";
import { listBackups } from "./list-backups.ts";
import { snapshotSource } from "./snapshot-source.ts";
import type { BackupSource } from "./source.ts";

/**
 * The backup, the dump or the snapshot of this name.
 * @throws UpdaterError `backupUnknown`; for a dump what `recogniseDump` throws
 */
export async function findSource(
  instance: Instance,
  view: InstanceView,
  name: string,
  signal: AbortSignal,
): Promise<BackupSource> {
  const backups = await listBackups(instance, view, signal);
  const found = backups.find((backup) => backup.name === name);
  if (found) return backupSource(found);
  const snapshot = await snapshotSource(instance, name, signal);
  if (snapshot) return snapshot;
  if (name.includes("/") || existsSync(name)) {
    const dump = await recogniseDump(name);
    return dumpSource(dump, view, (await stat(name)).mtime);
  }
  throw new UpdaterError("backupUnknown", { name, newest: backups[0]?.name });
}

function backupSource(backup: KeptBackup): BackupSource {
  return {
    tag: backup.tag,
    async open({ instance, control }, serving, signal) {
      const store = await BackupStore.open(instance, control, serving);
      return {
        backup,
        withMedia: false,
        dump: dumpOf(reading(store, backup), backup.name, backup.kind),
        look: async () => await refuseDamaged(store, backup, signal),
      };
    },
  };
}

/** A dump that somebody brought: the version that serves takes it in. */
function dumpSource(dump: Dump, view: InstanceView, writtenAt: Date): BackupSource {
  return {
    tag: servingGeneration(view).tag,
    open: () =>
      Promise.resolve({
        backup: { name: dump.path, takenAt: writtenAt.toISOString() },
        withMedia: false,
        dump,
        look: () => Promise.resolve(),
      }),
  };
}

/** What is read while it is restored, too, must be what was verified. */
function reading(store: BackupStore, { name, sha256, verifiedAt }: KeptBackup) {
  const otherwise = () => new UpdaterError("backupDamaged", { name, at: verifiedAt });
  return {
    read: async (file: string) => comparedWith(sha256, await store.read(file), otherwise),
  };
}

/** @throws UpdaterError `backupDamaged` when it is not what was verified */
async function refuseDamaged(
  store: BackupStore,
  { name, bytes, sha256, kind, damaged, verifiedAt }: KeptBackup,
  signal: AbortSignal,
): Promise<void> {
  const found = damaged ? undefined : await store.measure(name, signal);
  const same = found?.bytes === bytes && found.sha256 === sha256;
  if (same && (kind !== "dump" || (await store.isDump(name, signal)))) return;
  throw new UpdaterError("backupDamaged", { name, at: verifiedAt });
}
