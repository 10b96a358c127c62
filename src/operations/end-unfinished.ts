import { UpdaterError } from "../errors.ts";
import { ensureApplicationRuns, ensureGenerationRuns } from "../instance/ensure-running.ts";
import type { Journal } from "../instance/journal.ts";
import type { InstanceView } from "../instance/read-instance.ts";
import { type Generation, generationOf } from "../instance/state.ts";
import { tellWaiting } from "../instance/waiting.ts";
import { until } from "../lib/until.ts";
import { liftFence } from "../postgres/replication.ts";
import { ensureCluster } from "../move-in/machine-cluster.ts";
import { ensureService } from "../move-in/machine-service.ts";
import type { OperationContext } from "../runner/context.ts";
import { journalAgain, noJournal } from "../runner/step-journal.ts";
import { runSteps, unwind } from "../runner/run-steps.ts";
import type { Outcome, StepRun, SwitchSteps } from "../runner/step.ts";
import type { SwitchContext } from "../steps/context.ts";
import { openSite } from "../steps/init-instance.ts";
import { answerOf } from "../steps/resume-previous.ts";
import { restoreSteps } from "./restore.ts";
import {
  endOfRollback,
  finishUndecided,
  returnFromProbation,
  type RollbackEndContext,
  rollbackSteps,
} from "./rollback.ts";
import { type SwapEndContext, swapSteps } from "./swap.ts";

/** What may take its time: users are served. */
const tidyLimitMs = 10 * 60_000;

/** What an application may take to answer after a power cut; users may be waiting. */
const answerLimitMs = 120_000;

/**
 * Whether what was begun is to be finished. The pointer decides, and before it could turn the journal: once
 * the commit was begun the target is ready, and a power cut may have taken back a pointer that users were
 * already sent along.
 * @throws UpdaterError `journalContradicts` when the pointer leads where the operation never sent users
 */
export function isCommitted(journal: Journal, { slot, gateClosed, state }: InstanceView): boolean {
  // Users come by no pointer before somebody stands in.
  if (journal.operation === "adopt") return journal.begun.includes("stand-in");
  const serving = journal.serving === null ? undefined : generationOf(state, journal.serving);
  const known = gateClosed || slot === undefined || slot === serving?.slot;
  if (!known && slot !== journal.target.slot) {
    throw new UpdaterError("journalContradicts", {
      instance: journal.instance,
      operation: journal.operation,
      to: journal.to,
      slot,
    });
  }
  return slot === journal.target.slot || journal.begun.includes("commit");
}

/** Ends a swap or a restore whose updater died: before the commit it is undone, after it finished. */
export async function endSwap(
  operation: OperationContext,
  journal: Journal,
  view: InstanceView,
  signal: AbortSignal,
): Promise<StepRun> {
  const serving = generationOf(view.state, servingOf(journal));
  const { number, slot } = journal.target;
  const candidate = { number, slot, databaseImage: serving.databaseImage };
  const context: SwapEndContext = {
    ...operation,
    journal: journalAgain(operation, journal),
    release: { tag: journal.to },
    serving,
    candidate,
    target: candidate,
  };
  const steps =
    journal.operation === "restore"
      ? // Steps that were not begun are not undone.
        restoreSteps(context, { fixture: true, media: true })
      : swapSteps(context);
  const run = await end(steps, context, journal, view, signal);
  return { ...run, outcome: await returnFromProbation(context, run, steps.finish) };
}

/** Ends a rollback whose updater died. */
export async function endRollback(
  operation: OperationContext,
  journal: Journal,
  view: InstanceView,
  signal: AbortSignal,
): Promise<StepRun> {
  const context: RollbackEndContext = {
    ...operation,
    journal: journalAgain(operation, journal),
    serving: generationOf(view.state, servingOf(journal)),
    ...endOfRollback(generationOf(view.state, journal.target.number)),
  };
  const run = await end(rollbackSteps(context), context, journal, view, signal);
  if (run.outcome.kind !== "restored" || !journal.returnOf) return run;
  const rest = await finishReturned(operation, journal, context);
  return { ...run, outcome: { ...run.outcome, ...rest } };
}

/** Does what a swap or a restore had left to do when its release failed, and the return from it is undone. */
async function finishReturned(
  operation: OperationContext,
  journal: Journal,
  { serving, previous }: RollbackEndContext,
): Promise<{ readonly unfinished?: true }> {
  const context: SwapEndContext = {
    ...operation,
    // The journal goes on telling of the return: whoever takes it up again ends here.
    journal: noJournal,
    release: { tag: serving.tag },
    serving: previous,
    candidate: serving,
    target: serving,
  };
  const { finish } =
    journal.returnOf === "restore"
      ? restoreSteps(context, { fixture: true, media: true })
      : swapSteps(context);
  return await finishUndecided(finish, context, AbortSignal.timeout(tidyLimitMs));
}

/** An `init` was about to serve or it was not; one that was not is removed as a whole. */
export async function endInit(
  operation: OperationContext,
  journal: Journal,
  view: InstanceView,
  signal: AbortSignal,
): Promise<StepRun> {
  if (!isCommitted(journal, view)) {
    const outcome: Outcome = { kind: "restored", error: killedError(journal) };
    return { outcome, durationsMs: {} };
  }
  const candidate = generationOf(view.state, journal.target.number);
  await ensureGenerationRuns(operation.instance, candidate);
  const context = { ...operation, candidate, journal: journalAgain(operation, journal) };
  return await runSteps([openSite], context, signal, { committed: true });
}

async function end<Context extends SwitchContext>(
  { prepare, finish }: SwitchSteps<never, Context>,
  context: Context,
  journal: Journal,
  view: InstanceView,
  signal: AbortSignal,
): Promise<StepRun> {
  const isBegun = ({ name }: { readonly name: string }) => journal.begun.includes(name);
  if (!isCommitted(journal, view)) {
    // A restart of a machine's may have been cut off.
    await ensureCluster(context.serving.bareMetal);
    await ensureGenerationRuns(context.instance, context.serving);
    // Whatever the journal could not tell, and before undoing opens the gate: an application that boots in
    // front of a fence ends.
    await allowWriting(context, context.serving);
    await ensureService(context.instance, context.serving.bareMetal);
    await waitForAnswers(context, context.serving);
    const outcome = await unwind(prepare.filter(isBegun), context, killedError(journal));
    return { outcome, durationsMs: {} };
  }
  if (journal.left) {
    const left = finish.filter(({ name }) => journal.left?.includes(name));
    return await runSteps(left, context, signal, { committed: true });
  }
  const target = generationOf(view.state, journal.target.number);
  await ensureGenerationRuns(context.instance, target);
  await allowWriting(context, target);
  // Whether it answers well is for probation to judge: an ill one is left by that alone.
  await waitForAnswers(context, target);
  const steps = finish.filter((step) => !(step.once && isBegun(step)));
  return await runSteps(steps, context, signal, { committed: true });
}

/** Waits, for a while, until the application of a generation answers anything: after a power cut it boots. */
async function waitForAnswers(
  { instance, sessions }: Pick<OperationContext, "instance" | "sessions">,
  generation: Generation,
): Promise<void> {
  const answers = async () => {
    try {
      await ensureApplicationRuns(instance, generation);
      const application = await sessions.application(generation.number);
      const pages = await application.ping(AbortSignal.timeout(answerLimitMs));
      return pages.every(({ status }) => status > 0);
    } catch {
      // It has just ended, and the engine is about to start it again.
      await sessions.closeGeneration(generation.number);
      return false;
    }
  };
  const limit = { intervalMs: 200, limitMs: answerLimitMs, otherwise: () => undefined };
  await tellWaiting(instance.reporter, answerOf(instance, generation), until(answers, limit));
}

async function allowWriting(
  { instance, sessions }: Pick<OperationContext, "instance" | "sessions">,
  { number }: Generation,
): Promise<void> {
  await liftFence(await sessions.database(number), instance.configuration.database.role);
}

function killedError({ operation, to }: Journal): UpdaterError {
  return new UpdaterError("killed", { operation, to });
}

function servingOf({ serving, instance }: Journal): number {
  if (serving === null) throw new UpdaterError("journalDamaged", { instance, reason: "serving" });
  return serving;
}
