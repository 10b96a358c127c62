import { UpdaterError } from "../errors.ts";
import { dumpOf, type Keeper, startKeeper } from "../instance/backup-keeper.ts";
import type { KeptBackup } from "../instance/backups.ts";
import { refuseForeign } from "../instance/foreign.ts";
import type { Instance } from "../instance/instance.ts";
import type { Generation } from "../instance/state.ts";
import { type View, viewInstance } from "../instance/view.ts";
import { rowsWrittenSince, type WrittenRows } from "../postgres/moment.ts";
import { reportStep } from "../reporter.ts";
import { clearBackup } from "../steps/back-up.ts";
import type { Language } from "../text/catalogue.ts";
import type { OperationContext, RestoreContext } from "./context.ts";
import { listBackups } from "./list-backups.ts";
import { refuseSmallRoom, refuseStopped } from "./preflight.ts";
import { findRelease } from "./release.ts";
import { restoreSteps } from "./restore.ts";
import { type OperationResult, withOperation } from "./run.ts";
import { startingGeneration } from "./serving.ts";
import { returnFromProbation } from "./start-rollback.ts";
import { candidateContext } from "./start-swap.ts";
import { runSteps } from "./step.ts";

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
  const backup = await findBackup(instance, seen, backupName, signal);
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
      const release = await findRelease(operation.instance, backup.tag, signal);
      await clearBackup(operation);
      try {
        const keeper = await startKeeper(operation.instance, operation.control, serving);
        const { instance: site, sessions } = operation;
        const disk = async () => await refuseSmallRoom(site, sessions, serving, "restore");
        await reportStep(site.reporter, "preflight", async () => {
          await refuseForeign(site, operation.state.nextGeneration);
          await refuseStopped(site, serving);
          await disk();
          await refuseDamaged(keeper, backup, signal);
          if (!acceptDataLoss) await refuseLoss(operation, serving, backup);
        });
        site.reporter.event({
          type: "operation-started",
          operation: "restore",
          instance: name,
          from: serving.tag,
          to: backup.tag,
        });
        const room = { disk, memory: () => Promise.resolve() };
        const context: RestoreContext = {
          ...(await candidateContext(operation, "restore", release, serving, room)),
          expectedHold: undefined,
          source: undefined,
          dump: dumpOf(keeper, backup.name, backup.kind),
        };
        const run = await runSteps(restoreSteps(context), context, signal);
        const outcome = await returnFromProbation(context, run);
        operation.state = context.state;
        return { from: serving.tag, to: backup.tag, run: { ...run, outcome } };
      } finally {
        await clearBackup(operation);
      }
    },
  );
}

/** @throws UpdaterError `backupUnknown` */
async function findBackup(
  instance: Instance,
  view: View,
  name: string,
  signal: AbortSignal,
): Promise<KeptBackup> {
  const { backups } = await listBackups(instance, view, signal);
  const found = backups.find((backup) => backup.name === name);
  if (!found) throw new UpdaterError("backupUnknown", { name, newest: backups[0]?.name });
  return found;
}

/** @throws UpdaterError `backupDamaged` when it is not what was verified */
async function refuseDamaged(
  keeper: Keeper,
  { name, bytes, sha256, kind, damaged, verifiedAt }: KeptBackup,
  signal: AbortSignal,
): Promise<void> {
  const found = damaged ? undefined : await keeper.measure(name, signal);
  const same = found?.bytes === bytes && found.sha256 === sha256;
  if (same && (kind !== "dump" || (await keeper.isDump(name, signal)))) return;
  throw new UpdaterError("backupDamaged", { name, at: verifiedAt });
}

/** @throws UpdaterError `restoreLosesData` */
async function refuseLoss(
  { sessions }: OperationContext,
  serving: Generation,
  { name, takenAt, moment }: KeptBackup,
): Promise<never> {
  sessions.allow(countLimit);
  const database = await sessions.database(serving.number);
  const lost: readonly WrittenRows[] | null = await rowsWrittenSince(database, moment);
  throw new UpdaterError("restoreLosesData", { name, at: takenAt, lost });
}
