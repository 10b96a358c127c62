import { UpdaterError } from "../errors.ts";
import type { Backup } from "../backup/backups.ts";
import { refuseForeign } from "../instance/name-conflicts.ts";
import type { Instance } from "../instance/instance.ts";
import type { Generation } from "../instance/state.ts";
import { type View, viewInstance } from "../instance/read-instance.ts";
import { rowsWrittenSince, type WrittenRows } from "../postgres/transaction-marker.ts";
import { reportStep } from "../instance/events.ts";
import { clearBackup } from "../backup/back-up.ts";
import type { Language } from "../text/catalogue.ts";
import type { OperationContext, RestoreContext } from "../runner/context.ts";
import { refuseSmallRoom, refuseStopped } from "../runner/preflight.ts";
import { findRelease } from "../release/release.ts";
import { restoreSteps } from "./restore.ts";
import { findSource } from "../backup/restore-source.ts";
import { type OperationResult, withOperation } from "../runner/run.ts";
import { startingGeneration } from "../instance/serving.ts";
import { returnFromProbation } from "./start-rollback.ts";
import { candidateContext } from "./start-swap.ts";
import { runSteps } from "../runner/step.ts";

/** What counting the rows that would be lost may take, milliseconds. */
const countLimit = 5 * 60_000;

/**
 * Puts a generation made from a backup in the place of the serving one.
 * @throws UpdaterError when it is refused before anything has changed
 */
export async function restore(
  instance: Instance,
  backupName: string,
  { language, acceptDataLoss }: { readonly language: Language; readonly acceptDataLoss: boolean },
  signal: AbortSignal,
): Promise<OperationResult> {
  const { engine, name } = instance;
  const seen = await viewInstance(engine, name);
  const source = await findSource(instance, seen, backupName, signal);
  let view: View;
  return await withOperation(
    {
      instance,
      language,
      operation: "restore",
      title: `restore ${backupName}`,
      image: seen.state.proxyImage,
    },
    async () => (view = await viewInstance(engine, name)).state,
    async (operation) => {
      const serving = startingGeneration(view, name);
      const release = await findRelease(operation.instance, source.tag, signal);
      await clearBackup(operation);
      try {
        const { instance: site, sessions } = operation;
        const opened = await source.open(operation, serving, signal);
        const disk = async () => await refuseSmallRoom(site, sessions, serving, "restore");
        await reportStep(site.reporter, "preflight", async () => {
          await refuseForeign(site, operation.state.nextGeneration);
          await refuseStopped(site, serving);
          await disk();
          await opened.look();
          if (!acceptDataLoss) await refuseLoss(operation, serving, opened.backup);
        });
        await opened.fetch?.();
        site.reporter.event({
          type: "operation-started",
          operation: "restore",
          instance: name,
          from: serving.tag,
          to: source.tag,
        });
        const room = { disk, memory: () => Promise.resolve() };
        const context: RestoreContext = {
          ...(await candidateContext(operation, "restore", release, serving, room)),
          expectedHold: undefined,
          source: undefined,
          dump: opened.dump,
          withMedia: opened.withMedia,
        };
        const run = await runSteps(restoreSteps(context), context, signal);
        const outcome = await returnFromProbation(context, run);
        operation.state = context.state;
        return { from: serving.tag, to: source.tag, run: { ...run, outcome } };
      } finally {
        await clearBackup(operation);
      }
    },
  );
}

/** @throws UpdaterError `restoreLosesData` */
async function refuseLoss(
  { sessions }: OperationContext,
  serving: Generation,
  { name, takenAt, moment }: Backup,
): Promise<never> {
  sessions.allow(countLimit);
  const database = await sessions.database(serving.number);
  const lost: readonly WrittenRows[] | null = await rowsWrittenSince(database, moment);
  throw new UpdaterError("restoreLosesData", { name, at: takenAt, lost });
}
