import { BackupStore, dumpOf } from "./backup-store.ts";
import { comparedWith } from "./dump.ts";
import type { KeptBackup } from "./backups.ts";
import type { Instance } from "../instance/instance.ts";
import type { InstanceView } from "../instance/read-instance.ts";
import { UpdaterError } from "../errors.ts";
import { listBackups } from "./list-backups.ts";
import { snapshotSource } from "./snapshot-source.ts";
import type { BackupSource } from "./source.ts";

/**
 * The backup or the snapshot of this name.
 * @throws UpdaterError `backupUnknown`
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
