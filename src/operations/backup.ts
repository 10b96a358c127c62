import { backupsMade, backUpServing, prepareBackup } from "../backup/back-up.ts";
import type { Backup } from "../backup/backups.ts";
import { snapshotSteps, snapshotTaken } from "../backup/snapshot.ts";
import type { Snapshot } from "../backup/snapshots.ts";
import { reportStep } from "../instance/events.ts";
import type { Instance } from "../instance/instance.ts";
import { refuseNameConflicts } from "../instance/name-conflicts.ts";
import { refuseSmallRoom, refuseStopped } from "../runner/preflight.ts";
import { type OperationResult, runOperation } from "../runner/run.ts";
import { runSteps } from "../runner/run-steps.ts";
import type { Language } from "../text/catalogue.ts";

export interface BackupResult extends OperationResult {
  readonly backups: readonly Backup[];
  /** None where none is configured, or none could be made. */
  readonly snapshot: Snapshot | null;
}

/**
 * Backs up what is serving, while it serves.
 * @throws UpdaterError when it is refused before anything has begun
 */
export async function backUp(
  instance: Instance,
  { language }: { readonly language: Language },
  signal: AbortSignal,
): Promise<BackupResult> {
  const request = { instance, language, operation: "backup", title: "backup" } as const;
  const { result, outputs } = await runOperation(request, async (begun) => {
    const { instance: site, sessions, serving } = begun;
    await reportStep(site.reporter, "preflight", async () => {
      await refuseNameConflicts(site, serving.number);
      await refuseStopped(site, serving);
      await refuseSmallRoom(site, sessions, serving, "backup");
    });
    begun.announce(serving.tag);
    const steps = [prepareBackup, backUpServing, ...snapshotSteps(begun)];
    return { to: serving.tag, run: await runSteps(steps, begun, signal) };
  });
  const backups = outputs.find(backupsMade) ?? [];
  return { ...result, backups, snapshot: outputs.find(snapshotTaken) ?? null };
}
