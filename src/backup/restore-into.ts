import { mkdir, readdir } from "node:fs/promises";
import { messageOf, UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { paths } from "../instance/names.ts";
import { ResticError, siteFolder } from "./restic.ts";
import type { Snapshot } from "./snapshots.ts";
import { backupFolder } from "./backups.ts";
import { siteFile } from "../instance/site-files.ts";
import { reportStep } from "../instance/events.ts";
import { withRestic } from "./list-snapshots.ts";
import { findSnapshot } from "./snapshot-source.ts";
import { scriptBeside } from "../lib/script.ts";

/** Where the folder is in the container. */
const into = "/into";

const arrange = scriptBeside(import.meta.url, "arrange-restored.sh");
/** Where a snapshot has what `arrange` looks for. */
const namesInside = [
  into,
  paths.media,
  paths.backups,
  backupFolder,
  paths.configuration,
  siteFile.settings,
  siteFolder,
];

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
    const place = { readOnly: true, mounts: [{ folder, path: into }] };
    await withRestic(instance, policy, place, async (restic) => {
      const argv = ["restore", snapshot.id, "--quiet", "--no-lock", "--target", into, "--verify"];
      const failure = await restic.run(argv, { signal }).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure !== undefined && !(failure instanceof ResticError)) throw failure;
      await restic.script(arrange, namesInside, { signal });
      if (failure) {
        const { message: reason } = failure;
        throw new UpdaterError("snapshotDamaged", { name: snapshot.name, reason }, failure);
      }
    });
  });
  return snapshot;
}

async function prepare(folder: string): Promise<void> {
  try {
    // Only for the operator's account: passwords and users' data will be in it.
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const [there] = await readdir(folder);
    if (there !== undefined) throw new Error(`ENOTEMPTY: directory not empty, '${there}' is in it`);
  } catch (error) {
    throw new UpdaterError("intoUnwritable", { folder, reason: messageOf(error) }, error);
  }
}
