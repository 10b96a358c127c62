import { isError, UpdaterError } from "../errors.ts";
import type { NamedFiles } from "../instance/application-answers.ts";
import { ensureFollowerRuns, missingParts } from "../instance/ensure-running.ts";
import { reportStep } from "../instance/events.ts";
import type { Instance } from "../instance/instance.ts";
import type { Journal } from "../instance/journal.ts";
import { refuseNameConflicts } from "../instance/name-conflicts.ts";
import { previousOf } from "../instance/serving.ts";
import { abortable } from "../lib/abortable.ts";
import { timeLimit } from "../lib/time-limit.ts";
import { type Generation, generationOf } from "../instance/state.ts";
import { jobSteps } from "../jobs/pause-jobs.ts";
import type { EarlierLook } from "../postgres/follow/loss.ts";
import { prepareExport } from "../reverse-replication/lost-export.ts";
import {
  catchUpPrevious,
  isFollowed,
  lossSinceSwap,
  type LossSummary,
  refuseLoss,
  returnWrites,
  returnWritesToMachine,
  summaryOf,
  tableLosses,
} from "../reverse-replication/return-writes.ts";
import { endFollowingStep } from "../reverse-replication/start-reverse-replication.ts";
import type { OperationContext } from "../runner/context.ts";
import { type OperationResult, runOperation } from "../runner/run.ts";
import { journalOf } from "../runner/step-journal.ts";
import { runSteps } from "../runner/run-steps.ts";
import {
  inOrder,
  type Outcome,
  type Step,
  type StepRun,
  type SwitchSteps,
} from "../runner/step.ts";
import { resumeCron } from "../move-in/cron.ts";
import { startService } from "../move-in/machine-service.ts";
import { clearMedia, completeReturnedMedia, returnMedia } from "../move-in/move-media.ts";
import { closeGate } from "../steps/close-gate.ts";
import { commit, switchStatic } from "../steps/commit.ts";
import type { CandidateContext, ReleaseContext, SwitchContext } from "../steps/context.ts";
import { fenceServing } from "../steps/fence-and-promote.ts";
import { checkFiles, findLostMedia, namedFiles, restoreLostMedia } from "../steps/media.ts";
import { bootCandidate, probeCandidate } from "../steps/migrate-candidate.ts";
import { markAbandoned, resumePrevious } from "../steps/resume-previous.ts";
import { configuredHooks } from "../steps/run-hooks.ts";
import { prepareGates, stopGates } from "../steps/start-gates.ts";
import { releaseLeftClone, retireServing } from "../steps/stop-generation.ts";
import type { Language } from "../text/catalogue.ts";

/** What a statement of a look may take while users work. */
const lookLimitMs = 5 * 60_000;

/** A return from a release that fails is not interrupted by Ctrl-C. */
const returnLimitMs = 10 * 60_000;

/** What undoing a rollback needs, and finishing it. */
export interface RollbackEndContext extends SwitchContext, ReleaseContext {
  readonly previous: Generation;
}

export interface RollbackContext extends RollbackEndContext {
  /** The operator agreed to lose what of users' writes the previous version cannot keep. */
  readonly acceptDataLoss: boolean;
  /** Folder for the rows that are lost, as SQL and CSV. */
  readonly exportTo: string | undefined;
  /** What users write reaches the previous database (`isFollowed`); otherwise everything is compared. */
  readonly arriving: boolean;
  /** What was compared while users worked. */
  readonly earlier: EarlierLook | undefined;
  /** Nothing was rehearsed. */
  readonly expectedHoldMs: undefined;
}

type RollbackOptions = Pick<RollbackContext, "acceptDataLoss" | "exportTo">;
type Foreseen = RollbackOptions &
  Pick<RollbackContext, "arriving" | "earlier"> & { readonly returnOf?: Journal["returnOf"] };

/** How what was written comes back to a generation that was kept. */
const withMedia = {
  before: [findLostMedia],
  held: [returnWrites, restoreLostMedia],
  after: [checkFiles],
  last: [],
};
const withoutMedia = { before: [], held: [returnWrites], after: [checkFiles], last: [] };
/** And to what was installed by hand, which is open to others once it is written to; nobody of ours can look through its rows. */
const toBareMetal = {
  before: [returnMedia],
  held: [completeReturnedMedia, returnWritesToMachine, startService],
  after: [resumeCron],
  last: [clearMedia],
};

/** A rollback, in order: the way of a swap, back to a container and a volume that were kept. */
export function rollbackSteps(
  context: Pick<OperationContext, "instance"> & {
    readonly previous?: Pick<Generation, "bareMetal">;
  },
): SwitchSteps<RollbackContext, RollbackEndContext> {
  const { rollback: policy, backup } = context.instance.configuration;
  // A restore of a snapshot keeps the media it replaces.
  const keepsMedia = policy.snapshotMedia || backup.snapshots !== undefined;
  const kept = keepsMedia ? withMedia : withoutMedia;
  const back = context.previous?.bareMetal ? toBareMetal : kept;
  const jobs = jobSteps(context);
  return {
    prepare: [
      ...configuredHooks(context, "users_inform_before"),
      releaseLeftClone,
      resumePrevious,
      ...back.before,
      ...jobs.pause,
      prepareGates,
      ...configuredHooks(context, "instance_stop"),
      closeGate,
      fenceServing,
      catchUpPrevious,
      ...back.held,
      bootCandidate,
      probeCandidate,
    ],
    finish: [
      commit,
      switchStatic,
      ...jobs.resume,
      markAbandoned,
      stopGates,
      ...back.after,
      endFollowingStep,
      ...configuredHooks(context, "instance_launch"),
      retireServing,
      ...back.last,
      ...configuredHooks(context, "users_inform_after"),
    ],
  };
}

export interface RollbackResult extends OperationResult {
  /** What was written since the swap and is lost now; null when that is unknown. */
  readonly lost: readonly LossSummary[] | null;
  /** Files that rows of the version returned to name; null when it was not possible to look. */
  readonly files: NamedFiles | null;
}

/**
 * Puts the previous generation back.
 * @throws UpdaterError `nothingToRollBackTo`, `previousGone`, `exportUnwritable`, `rollbackLosesData` unless the operator accepts it;
 * all before anything has changed
 */
export async function rollback(
  instance: Instance,
  { acceptDataLoss, exportTo, language }: RollbackOptions & { language: Language },
  signal: AbortSignal,
): Promise<RollbackResult> {
  const request = { instance, language, operation: "rollback", title: "rollback" } as const;
  const { result, outputs } = await runOperation(request, async (begun) => {
    const { serving, sessions, state } = begun;
    const previous = previousOf(state.current, serving);
    await refuseNameConflicts(instance, previous.number);
    const gone = await missingParts(instance, previous);
    if (gone.length > 0) throw new UpdaterError("previousGone", { tag: previous.tag, gone });
    if (exportTo !== undefined) await prepareExport(exportTo);
    const { reporter } = begun.instance;
    const { arriving, loss } = await reportStep(reporter, "preflight", async () => {
      await ensureFollowerRuns(instance, previous, serving, signal);
      await sessions.allow(lookLimitMs);
      const followed = await isFollowed({ ...begun, previous }, signal);
      const lost = await abortable(signal, lossSinceSwap({ ...begun, previous }, followed, signal));
      await sessions.allow(instance.configuration.hold.maxMs);
      refuseLoss(lost?.lost, acceptDataLoss, previous.tag);
      return { arriving: followed, loss: lost };
    });
    begun.announce(previous.tag, previous.bareMetal);
    const foreseen = { acceptDataLoss, exportTo, arriving, earlier: loss?.earlier };
    const context = rollbackContext(begun, previous, foreseen);
    const run = await runSteps(inOrder(rollbackSteps(context)), context, signal);
    return { to: previous.tag, run };
  });
  const lost = outputs.find(tableLosses)?.map(summaryOf) ?? null;
  return { ...result, lost, files: outputs.find(namedFiles) ?? null };
}

function rollbackContext(
  operation: Omit<OperationContext, "operation"> & Pick<SwitchContext, "serving">,
  previous: Generation,
  { returnOf, ...options }: Foreseen,
): RollbackContext {
  const begun = { ...operation, operation: "rollback" } as const;
  return {
    ...begun,
    ...endOfRollback(previous),
    ...options,
    expectedHoldMs: undefined,
    journal: journalOf(begun, {
      from: operation.serving,
      to: previous.tag,
      target: previous,
      returnOf,
    }),
  };
}

/** The generation returned to, in the parts it plays for the steps. */
export function endOfRollback(previous: Generation) {
  return { previous, target: previous, candidate: previous, release: previous };
}

/**
 * After a swap whose release failed its probation: goes back by itself when that loses nothing, or
 * when the site has accepted the loss beforehand; otherwise a person decides.
 * @param finish what comes after the switch: what of it is not about a version that stays is done where it does not go back
 */
export async function returnFromProbation<
  Context extends SwitchContext & Pick<CandidateContext, "candidate">,
>(
  context: Context,
  { outcome, left = [] }: StepRun,
  finish: readonly Step<Context>[],
): Promise<Outcome> {
  const error = outcome.kind === "clean-up-pending" ? outcome.error : undefined;
  if (!isError(error, "probationFailed")) return outcome;
  const { configuration } = context.instance;
  const limit = timeLimit(returnLimitMs, () => {
    return new UpdaterError("returnTooLong", { minutes: returnLimitMs / 60_000 });
  });
  const serving = generationOf(context.state.current, context.candidate.number);
  const { instance, sessions } = context;
  const between = { instance, sessions, serving, previous: context.serving };
  await sessions.allow(lookLimitMs);
  // Where that cannot be told, the steps find out why.
  const arriving = await isFollowed(between, limit).catch(() => true);
  const looked = abortable(limit, lossSinceSwap(between, arriving, limit));
  const loss = await looked.catch(() => undefined);
  await sessions.allow(configuration.hold.maxMs);
  const back = rollbackContext(
    { ...context, serving, hold: context.hold.again(configuration.hold.maxMs) },
    context.serving,
    {
      acceptDataLoss: configuration.probation.acceptDataLoss,
      exportTo: undefined,
      returnOf: context.operation === "restore" ? "restore" : "swap",
      arriving,
      earlier: loss?.earlier,
    },
  );
  const refused = refusedLoss(
    loss?.lost,
    configuration.probation.acceptDataLoss,
    back.previous.tag,
  );
  const returned = refused ?? (await runSteps(inOrder(rollbackSteps(back)), back, limit)).outcome;
  if (returned.kind === "done") return { kind: "restored", error };
  const rest =
    returned.kind === "restored"
      ? await finishUndecided(
          finish.filter(({ name }) => left.includes(name)),
          context,
          limit,
        )
      : undefined;
  const unfinished = (returned.unfinished ?? rest?.unfinished) && { unfinished: true as const };
  if (returned.kind === "clean-up-pending") return { kind: "restored", error, ...unfinished };
  const undoError = returned.kind === "needs-human" ? returned.undoError : returned.error;
  return { kind: "needs-human", error, undoError, ...unfinished };
}

/** What is known to be lost is not found out once more while users wait. */
function refusedLoss(
  ...[lost, accepted, tag]: Parameters<typeof refuseLoss>
): Extract<Outcome, { kind: "restored" }> | undefined {
  if (lost === undefined) return undefined;
  try {
    refuseLoss(lost, accepted, tag);
    return undefined;
  } catch (error) {
    return { kind: "restored", error };
  }
}

/** Until a person has decided, no log is kept for nobody, and no version runs in front of a fence. */
export async function finishUndecided<Context extends SwitchContext>(
  left: readonly Step<Context>[],
  context: Context,
  signal: AbortSignal,
): Promise<{ readonly unfinished?: true }> {
  const rest = left.filter(
    (step) => !step.once && !step.commit && !step.decides && step.name !== "retention",
  );
  const { outcome } = await runSteps(rest, context, signal, { committed: true });
  return outcome.kind === "done" ? {} : { unfinished: true };
}
