import { isRunning } from "../engine/containers.ts";
import { UpdaterError } from "../errors.ts";
import { refuseForeign } from "../instance/foreign.ts";
import type { Instance } from "../instance/instance.ts";
import { goneOf } from "../instance/revive.ts";
import { type Generation, generationOf } from "../instance/state.ts";
import { type View, viewInstance } from "../instance/view.ts";
import type { TableChanges } from "../postgres/changes.ts";
import { changesSinceSwap } from "../steps/resume-previous.ts";
import type { Language } from "../text/catalogue.ts";
import type { MoveContext, OperationContext, RollbackContext, SwapContext } from "./context.ts";
import { Hold } from "./hold.ts";
import { keepJournal } from "./keep-journal.ts";
import { rollbackSteps } from "./rollback.ts";
import { type OperationResult, withOperation } from "./run.ts";
import { startingGeneration } from "./serving.ts";
import { type Outcome, runSteps, type StepRun } from "./step.ts";

export interface RollbackResult extends OperationResult {
  /** What was written since the swap and is lost now; null when nobody can tell. */
  readonly lost: readonly TableChanges[] | null;
}

/**
 * Puts the previous generation back.
 * @throws UpdaterError `nothingToRollBackTo`, `previousGone`, `rollbackLosesData` unless the operator accepts it;
 * all before anything has changed
 */
export async function rollback(
  instance: Instance,
  { acceptDataLoss, language }: { acceptDataLoss: boolean; language: Language },
  signal: AbortSignal,
): Promise<RollbackResult> {
  const { engine, name } = instance;
  const { state } = await viewInstance(engine, name);
  let view: View;
  let lost: RollbackContext["lost"];
  const result = await withOperation(
    { instance, language, operation: "rollback", title: "rollback", image: state.proxyImage },
    async () => (view = await viewInstance(engine, name)).state,
    async (operation) => {
      const serving = startingGeneration(view, name);
      const previous = previousOf(operation, serving);
      await refuseForeign(instance, previous.number);
      const gone = await goneOf(instance, previous);
      if (gone.length > 0) throw new UpdaterError("previousGone", { tag: previous.tag, gone });
      const changes = await changesSinceSwap({ ...operation, serving });
      if (!acceptDataLoss && changes?.length !== 0) {
        throw new UpdaterError("rollbackLosesData", {
          tag: previous.tag,
          changes: changes ?? null,
        });
      }
      operation.instance.reporter.event({
        type: "operation-started",
        operation: "rollback",
        instance: name,
        from: serving.tag,
        to: previous.tag,
      });
      const context = await rollbackContext({ ...operation, serving }, previous, acceptDataLoss);
      const run = await runSteps(rollbackSteps(context), context, signal);
      operation.state = context.state;
      lost = context.lost;
      return { from: serving.tag, to: previous.tag, run };
    },
  );
  return { ...result, lost: lost ?? null };
}

function previousOf({ state }: OperationContext, serving: Generation): Generation {
  const kept =
    serving.previous !== null &&
    state.generations.some(({ number }) => number === serving.previous);
  if (!kept || serving.previous === null) throw new UpdaterError("nothingToRollBackTo", {});
  return generationOf(state, serving.previous);
}

async function rollbackContext(
  operation: OperationContext & Pick<MoveContext, "serving">,
  previous: Generation,
  acceptDataLoss: boolean,
  ownWrites: readonly TableChanges[] = [],
): Promise<RollbackContext> {
  const { engine, names } = operation.instance;
  const previousWasRunning = await isRunning(engine, names.application(previous.number));
  return {
    ...operation,
    operation: "rollback",
    previous,
    target: previous,
    acceptDataLoss,
    ownWrites,
    lost: undefined,
    previousWasRunning,
    journal: keepJournal(operation.control, {
      instance: operation.instance.name,
      id: operation.id,
      operation: "rollback",
      from: operation.serving.tag,
      to: previous.tag,
      startedAt: operation.startedAt,
      serving: operation.serving.number,
      target: { number: previous.number, slot: previous.slot },
      targetWasRunning: previousWasRunning,
    }),
  };
}

/**
 * After a swap whose release failed its probation: goes back by itself when that loses nothing, or
 * when the site has accepted the loss beforehand; otherwise a person decides.
 */
export async function returnFromProbation(
  context: SwapContext,
  { outcome }: StepRun,
): Promise<Outcome> {
  const error = outcome.kind === "clean-up-pending" ? outcome.error : undefined;
  if (!(error instanceof UpdaterError && error.code === "probationFailed")) return outcome;
  const { configuration, reporter } = context.instance;
  const back = await rollbackContext(
    {
      ...context,
      serving: generationOf(context.state, context.candidate.number),
      hold: new Hold(configuration.hold.max, reporter),
    },
    context.serving,
    configuration.probation.acceptDataLoss,
    context.ownWrites,
  );
  const { outcome: returned } = await runSteps(
    rollbackSteps(back),
    back,
    AbortSignal.timeout(10 * 60_000),
  );
  context.state = back.state;
  if (returned.kind === "done" || returned.kind === "clean-up-pending") {
    return { kind: "restored", error };
  }
  return {
    kind: "needs-human",
    error,
    undoError: returned.error,
  };
}
