import { clearBackup } from "../backup/back-up.ts";
import type { Dump } from "../backup/dump.ts";
import { loadBackup } from "../backup/load-backup.ts";
import { bringMediaBack, findChangedMedia } from "../backup/media-of-snapshot.ts";
import { loadFixture } from "../backup/restore-dump.ts";
import { findSource } from "../backup/restore-source.ts";
import type { BackupSource, OpenedBackup } from "../backup/source.ts";
import { UpdaterError } from "../errors.ts";
import { reportStep } from "../instance/events.ts";
import type { Instance } from "../instance/instance.ts";
import { refuseNameConflicts } from "../instance/name-conflicts.ts";
import { readInstance } from "../instance/read-instance.ts";
import { jobSteps } from "../jobs/pause-jobs.ts";
import { rowsWrittenSince, type WrittenRows } from "../postgres/transaction-marker.ts";
import { findRelease } from "../release/release.ts";
import { endFormerFollowing } from "../reverse-replication/start-reverse-replication.ts";
import type { OperationContext } from "../runner/context.ts";
import { refuseSmallRoom, refuseStopped } from "../runner/preflight.ts";
import { type BegunOperation, type OperationResult, runOperation } from "../runner/run.ts";
import { runSteps } from "../runner/run-steps.ts";
import { inOrder, type Step, type StepRun, type SwitchSteps } from "../runner/step.ts";
import { buildReleaseImage } from "../steps/build-image.ts";
import { closeGate } from "../steps/close-gate.ts";
import { commit, switchStatic } from "../steps/commit.ts";
import type { CopyContext } from "../steps/context.ts";
import { fenceServing } from "../steps/fence-and-promote.ts";
import { bootCandidate, migrateCandidate, probeCandidate } from "../steps/migrate-candidate.ts";
import { probation } from "../steps/probation.ts";
import { configuredHooks } from "../steps/run-hooks.ts";
import { startCandidate } from "../steps/start-candidate.ts";
import { prepareGates, stopGates } from "../steps/start-gates.ts";
import { applyRetention, retireFollower } from "../steps/stop-generation.ts";
import type { Language } from "../text/catalogue.ts";
import { placeCandidate } from "./candidate.ts";
import { returnFromProbation } from "./rollback.ts";
import type { SwapEndContext } from "./swap.ts";

/** What counting the rows that would be lost may take. */
const countLimitMs = 5 * 60_000;

/** Steps that put what a backup holds in the place of what is serving. */
export interface RestoreContext extends CopyContext, Omit<SwapEndContext, "release"> {
  readonly serving: CopyContext["serving"];
  readonly dump: Dump;
  /** Nothing was rehearsed. */
  readonly expectedHoldMs: undefined;
}

/**
 * A restore, in order: the way of a swap, to a generation whose database comes from a backup. It has nothing to catch
 * up with, so migrations and the first boot are done before users wait.
 */
export function restoreSteps(
  context: Pick<OperationContext, "instance">,
  has: {
    /** BiomAid's own backup goes in through BiomAid, once there are tables. */
    readonly fixture: boolean;
    /** Media come with it. */
    readonly media: boolean;
  },
): SwitchSteps<RestoreContext, SwapEndContext> {
  const jobs = jobSteps(context);
  return {
    prepare: [
      buildReleaseImage,
      ...configuredHooks(context, "code_install", "users_inform_before"),
      loadBackup,
      startCandidate,
      ...configuredHooks(context, "local_dir_update"),
      whileUsersWork(migrateCandidate),
      ...(has.fixture ? [loadFixture] : []),
      whileUsersWork(bootCandidate),
      whileUsersWork(probeCandidate),
      ...(has.media ? [findChangedMedia] : []),
      ...jobs.pause,
      prepareGates,
      ...configuredHooks(context, "instance_stop"),
      closeGate,
      fenceServing,
      ...(has.media ? [bringMediaBack] : []),
    ],
    finish: [
      commit,
      switchStatic,
      ...jobs.resume,
      stopGates,
      endFormerFollowing,
      ...configuredHooks(context, "instance_launch"),
      probation,
      retireFollower,
      applyRetention,
      ...configuredHooks(context, "users_inform_after"),
    ],
  };
}

function whileUsersWork<Context>({ gate: _, ...step }: Step<Context>): Step<Context> {
  return step;
}

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
  const seen = await readInstance(instance.engine, instance.name);
  const source = await findSource(instance, seen, backupName, signal);
  const title = `restore ${backupName}`;
  const request = { instance, language, operation: "restore", title } as const;
  const { result } = await runOperation(request, async (begun) => {
    await clearBackup(begun);
    try {
      return { to: source.tag, run: await restoreFrom(source, begun, acceptDataLoss, signal) };
    } finally {
      await clearBackup(begun);
    }
  });
  return result;
}

async function restoreFrom(
  source: BackupSource,
  begun: BegunOperation,
  acceptDataLoss: boolean,
  signal: AbortSignal,
): Promise<StepRun> {
  const { instance, sessions, serving, state } = begun;
  const release = await findRelease(instance, source.tag, signal);
  const opened = await source.open(begun, serving, signal);
  const disk = async () => await refuseSmallRoom(instance, sessions, serving, "restore");
  await reportStep(instance.reporter, "preflight", async () => {
    await refuseNameConflicts(instance, state.current.nextGeneration);
    await refuseStopped(instance, serving);
    await disk();
    await opened.look();
    if (!acceptDataLoss) await refuseLoss(begun, opened.backup);
  });
  await opened.fetch?.();
  begun.announce(source.tag);
  const context: RestoreContext = {
    ...begun,
    ...(await placeCandidate(begun, release.tag)),
    release,
    room: { disk, memory: () => Promise.resolve() },
    dump: opened.dump,
    expectedHoldMs: undefined,
  };
  const has = { fixture: opened.dump.kind === "fixture", media: opened.withMedia };
  const parts = restoreSteps(context, has);
  const run = await runSteps(inOrder(parts), context, signal);
  return { ...run, outcome: await returnFromProbation(context, run, parts.finish) };
}

/** @throws UpdaterError `restoreLosesData` */
async function refuseLoss(
  { sessions, serving }: Pick<BegunOperation, "sessions" | "serving">,
  { name, takenAt, moment }: OpenedBackup["backup"],
): Promise<never> {
  let lost: readonly WrittenRows[] | null = null;
  if (moment) {
    await sessions.allow(countLimitMs);
    lost = await rowsWrittenSince(await sessions.database(serving.number), moment);
  }
  throw new UpdaterError("restoreLosesData", { name, at: takenAt, lost });
}
