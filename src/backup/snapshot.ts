import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { SnapshotPolicy } from "../config/configuration.ts";
import { labelsOf } from "../engine/labels.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import type { Backup } from "./backups.ts";
import { backupNumber, paths } from "../instance/names.ts";
import { openRestic, type Restic, siteFolder } from "./restic.ts";
import { openRepository } from "./shared-repository.ts";
import { takeSnapshot } from "./take-snapshot.ts";
import type { Step } from "../runner/step.ts";
import { type BackupContext, backupsMade, clearBackup } from "./back-up.ts";
import type { Snapshot } from "./snapshots.ts";
import { output } from "../runner/outputs.ts";

/** The one that was taken and read back. */
export const snapshotTaken = output<Snapshot>("the snapshot taken");

/** The step that takes a snapshot, where the site wants any. */
export function snapshotSteps({
  instance,
}: Pick<BackupContext, "instance">): readonly Step<BackupContext>[] {
  const policy = instance.configuration.backup.snapshots;
  return policy ? [snapshot(policy)] : [];
}

/**
 * After the database backups, which it holds: a file is written before the row that names it, so the media as they are
 * now have every file of theirs.
 */
const snapshot = (policy: SnapshotPolicy): Step<BackupContext> => ({
  name: "snapshot",

  async apply(context, signal) {
    // Without a database there is nothing to restore; why there is none has been said.
    const backups = context.outputs.find(backupsMade) ?? [];
    if (backups.length === 0) return;
    try {
      context.outputs.set(snapshotTaken, await take(context, policy, backups, signal));
    } catch (error) {
      signal.throwIfAborted();
      const failure =
        error instanceof UpdaterError
          ? error
          : new UpdaterError("snapshotFailed", { reason: messageOf(error) }, error);
      const { operation, instance } = context;
      const goOn = instance.configuration.backup.onFailure === "continue";
      if (operation !== "swap" || !goOn) throw failure;
      instance.reporter.event({ type: "warning", error: failure });
    } finally {
      await clearBackup(context);
    }
  },
});

async function take(
  context: BackupContext,
  policy: SnapshotPolicy,
  backups: readonly Backup[],
  signal: AbortSignal,
): Promise<Snapshot> {
  const { instance, control, serving } = context;
  const { name, names, configuration } = instance;
  const restic = await openRestic(instance, policy, {
    name: names.snapshots,
    labels: labelsOf(name, "snapshots", backupNumber),
    readOnly: false,
    background: true,
    mounts: [
      { volume: names.media, path: paths.media, readOnly: true },
      { volume: names.backups, path: paths.backups, readOnly: true },
      { volume: names.configuration(serving.number), path: paths.configuration, readOnly: true },
    ],
  });
  await giveConfiguration(restic, configuration.file);
  await openRepository(restic, policy, control.shell, signal);
  return await takeSnapshot(
    restic,
    {
      instance: name,
      policy,
      tag: serving.tag,
      generation: serving.number,
      backups,
      progress: (done, total) =>
        instance.reporter.event({ type: "progress", step: "snapshot", done, total, unit: "bytes" }),
    },
    signal,
  );
}

/** Which holds no secret, and is what a new machine begins with. */
async function giveConfiguration(restic: Restic, file: string): Promise<void> {
  await restic.writeFile(`${siteFolder}/${basename(file)}`, await readFile(file));
}
