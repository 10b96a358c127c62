import { setTimeout as delay } from "node:timers/promises";
import { UpdaterError } from "../errors.ts";
import type { Journal } from "../instance/journal.ts";
import { reviveApplication, reviveGeneration } from "../instance/ensure-running.ts";
import { type Generation, generationOf } from "../instance/state.ts";
import type { View } from "../instance/read-instance.ts";
import { liftFence } from "../postgres/replication.ts";
import { untilItAnswers } from "../steps/resume-previous.ts";
import type {
  OperationContext,
  Making,
  RestoreContext,
  RollbackContext,
} from "../runner/context.ts";
import { keepJournal } from "../runner/keep-journal.ts";
import { restoreSteps } from "./restore.ts";
import { rollbackSteps } from "./rollback.ts";
import { returnFromProbation } from "./start-rollback.ts";
import { type Outcome, runSteps, type Step, type StepRun, unwind } from "../runner/step.ts";
import { swapSteps } from "./swap.ts";

/** What an application may take to answer after a power cut, milliseconds. */
const startLimit = 10 * 60_000;

/** The same while users wait for an operation to be undone. */
const answerLimit = 120_000;

/**
 * Whether what was begun is to be finished. The pointer decides, and before it could turn the journal: once
 * the commit was begun the target is ready, and a power cut may have taken back a pointer that users were
 * already sent along.
 * @throws UpdaterError `journalContradicts` when the pointer leads where the operation never sent anybody
 */
export function isCommitted(journal: Journal, { slot, gateClosed, state }: View): boolean {
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
export async function recoverSwap(
  operation: OperationContext,
  journal: Journal,
  view: View,
  signal: AbortSignal,
): Promise<StepRun> {
  const serving = generationOf(view.state, servingOf(journal));
  const { number, slot } = journal.target;
  const made = view.state.generations.find((generation) => generation.number === number);
  const image = made?.image ?? "";
  const candidate = { number, slot, databaseImage: serving.databaseImage, image, pending: [] };
  const context: RestoreContext = {
    ...operation,
    journal: journalAgain(operation, journal),
    release: pastRelease(journal, made),
    serving,
    candidate,
    target: candidate,
    migrated: { changed: [], added: [] },
    servedSchema: { tables: [], sequences: [], types: {} },
    made: [],
    snapshot: undefined,
    room: { disk: () => Promise.resolve(), memory: () => Promise.resolve() },
    expectedHold: undefined,
    source: undefined,
    dump: undefined,
    // Steps that were not begun are not undone.
    withMedia: true,
  };
  const steps = journal.operation === "restore" ? restoreSteps(context) : swapSteps(context);
  const run = await end(steps, context, journal, view, signal);
  const outcome = await returnFromProbation(context, run);
  operation.state = context.state;
  return { ...run, outcome };
}

/** Ends a rollback whose updater died. */
export async function recoverRollback(
  operation: OperationContext,
  journal: Journal,
  view: View,
  signal: AbortSignal,
): Promise<StepRun> {
  const previous = generationOf(view.state, journal.target.number);
  const context: RollbackContext = {
    ...operation,
    journal: journalAgain(operation, journal),
    serving: generationOf(view.state, servingOf(journal)),
    target: previous,
    candidate: previous,
    release: previous,
    previous,
    acceptDataLoss: true,
    exportTo: undefined,
    lost: undefined,
    files: undefined,
  };
  const run = await end(rollbackSteps(context), context, journal, view, signal);
  operation.state = context.state;
  return run;
}

/** An `init` serves or it does not; one that does not is removed as a whole by whoever asks. */
export function recoverInit(
  _operation: OperationContext,
  journal: Journal,
  view: View,
): Promise<StepRun> {
  const outcome: Outcome = isCommitted(journal, view)
    ? { kind: "done" }
    : { kind: "restored", error: killedError(journal) };
  return Promise.resolve({ outcome, durations: {} });
}

async function end<Context extends RestoreContext | RollbackContext>(
  steps: readonly Step<Context>[],
  context: Context,
  journal: Journal,
  view: View,
  signal: AbortSignal,
): Promise<StepRun> {
  const begun = steps.filter(({ name }) => journal.begun.includes(name));
  if (!isCommitted(journal, view)) {
    await reviveGeneration(context.instance, context.serving);
    // Whatever the journal could not tell, and before undoing opens the gate: an application that boots in
    // front of a fence ends.
    await allowWriting(context, context.serving);
    await waitForAnswers(context, context.serving);
    return { outcome: await unwind(begun, context, killedError(journal)), durations: {} };
  }
  const target = generationOf(view.state, journal.target.number);
  await reviveGeneration(context.instance, target);
  await allowWriting(context, target);
  await untilItAnswers({ ...context, previous: target }, AbortSignal.timeout(startLimit));
  const commit = steps.findIndex((step) => step.commit);
  const left = steps.slice(commit).filter((step) => !(step.once && begun.includes(step)));
  return await runSteps(left, context, signal);
}

/** Waits, for a while, until the application of a generation answers anything: after a power cut it boots. */
async function waitForAnswers(
  { instance, sessions }: Pick<OperationContext, "instance" | "sessions">,
  generation: Generation,
): Promise<void> {
  const deadline = performance.now() + answerLimit;
  while (performance.now() < deadline) {
    try {
      await reviveApplication(instance, generation);
      const application = await sessions.application(generation.number);
      const pages = await application.knock(AbortSignal.timeout(answerLimit));
      if (pages.every(({ status }) => status > 0)) return;
    } catch {
      // It has just ended, and the engine is about to start it again.
      await sessions.closeGeneration(generation.number);
    }
    await delay(200);
  }
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

function journalAgain({ control }: OperationContext, { version: _, begun, ...rest }: Journal) {
  return keepJournal(control, rest, begun);
}

/** Undoing and finishing need no more of a release than its names: what is read of it was read before. */
function pastRelease({ to }: Journal, made: Generation | undefined): Making {
  const archive = (): never => {
    throw new Error(`the sources of ${to} are not at hand`);
  };
  return {
    tag: to,
    commit: made?.commit ?? "",
    archive,
    local: { commit: made?.localCommit ?? "", archive },
  };
}
