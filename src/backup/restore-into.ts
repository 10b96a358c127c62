import { mkdir, readdir } from "node:fs/promises";
import { messageOf, UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { paths } from "../instance/names.ts";
import { ResticError, siteFolder } from "./restic.ts";
import type { Snapshot } from "./snapshots.ts";
import { backupFolder } from "./backups.ts";
import { siteFile } from "../instance/site-files.ts";
import { reportStep } from "../instance/events.ts";
import { openForShort } from "./list-snapshots.ts";
import { findSnapshot } from "./snapshot-source.ts";

/** Where the folder is in the container. */
const into = "/into";

/** By the names a person looks for; what is not there is passed over. */
const arrange = `cd ${into}
give() { if [ -e ".$1" ]; then mv -T ".$1" "$2"; fi; }
give ${paths.media} media
give ${backupFolder} backups
give ${paths.configuration} settings
give /settings/local local
give /settings/${siteFile.settings} settings/instance_settings.py
find .${siteFolder} -type f -exec mv -t . {} +
rmdir -p .${siteFolder} .${paths.backups} 2>/dev/null
exit 0`;

/**
 * Writes the files of a snapshot into a folder of this machine, and touches nothing else. It needs no instance.
 * @throws UpdaterError `noSnapshots`, `backupUnknown`, `intoUnwritable`, `snapshotRepository`, and `snapshotDamaged` when
 * some of them could not be read; those that could are there
 */
export async function restoreInto(
  instance: Instance,
  name: string,
  folder: string,
  signal: AbortSignal,
): Promise<Snapshot> {
  const policy = instance.configuration.backup.snapshots;
  if (!policy) throw new UpdaterError("noSnapshots", {});
  const snapshot = await findSnapshot(instance, policy, name, signal);
  if (!snapshot) throw new UpdaterError("backupUnknown", { name, newest: undefined });
  await prepare(folder);
  await reportStep(instance.reporter, "fetch-snapshot", async () => {
    const restic = await openForShort(instance, policy, {
      readOnly: true,
      mounts: [{ folder, path: into }],
    });
    const options = { signal };
    const argv = ["restore", snapshot.id, "--quiet", "--no-lock", "--target", into, "--verify"];
    try {
      const failure = await restic.run(argv, options).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure !== undefined && !(failure instanceof ResticError)) throw failure;
      await restic.script(arrange, [], options);
      if (failure) {
        const { message: reason } = failure;
        throw new UpdaterError("snapshotDamaged", { name: snapshot.name, reason }, failure);
      }
    } finally {
      await restic.remove();
    }
  });
  return snapshot;
}

async function prepare(folder: string): Promise<void> {
  try {
    // Only for whoever asked: passwords and users' data will be in it.
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const [there] = await readdir(folder);
    if (there !== undefined) throw new Error(`ENOTEMPTY: directory not empty, '${there}' is in it`);
  } catch (error) {
    throw new UpdaterError("intoUnwritable", { folder, reason: messageOf(error) }, error);
  }
}
