import type { Backup } from "../backup/backups.ts";
import { refuseForeign } from "../instance/name-conflicts.ts";
import type { Instance } from "../instance/instance.ts";
import type { Snapshot } from "../backup/snapshots.ts";
import { type View, viewInstance } from "../instance/read-instance.ts";
import { reportStep } from "../instance/events.ts";
import { backUpServing, prepareBackup } from "../backup/back-up.ts";
import { snapshotSteps } from "../backup/snapshot.ts";
import type { Language } from "../text/catalogue.ts";
import type { BackupContext } from "../runner/context.ts";
import { refuseSmallRoom, refuseStopped } from "../runner/preflight.ts";
import { type OperationResult, withOperation } from "../runner/run.ts";
import { startingGeneration } from "../instance/serving.ts";
import { runSteps } from "../runner/step.ts";

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
  const { engine, name } = instance;
  const { state } = await viewInstance(engine, name);
  const made: Backup[] = [];
  let snapshot: Snapshot | undefined;
  let view: View;
  const result = await withOperation(
    { instance, language, operation: "backup", title: "backup", image: state.proxyImage },
    async () => (view = await viewInstance(engine, name)).state,
    async (operation) => {
      const serving = startingGeneration(view, name);
      const { tag } = serving;
      const { reporter } = operation.instance;
      await reportStep(reporter, "preflight", async () => {
        await refuseForeign(operation.instance, serving.number);
        await refuseStopped(operation.instance, serving);
        await refuseSmallRoom(operation.instance, operation.sessions, serving, "backup");
      });
      reporter.event({
        type: "operation-started",
        operation: "backup",
        instance: name,
        from: tag,
        to: tag,
      });
      const context: BackupContext = { ...operation, serving, made, snapshot };
      const steps = [prepareBackup, backUpServing, ...snapshotSteps(context)];
      const run = await runSteps(steps, context, signal);
      snapshot = context.snapshot;
      return { from: tag, to: tag, run };
    },
  );
  return { ...result, backups: made, snapshot: snapshot ?? null };
}
