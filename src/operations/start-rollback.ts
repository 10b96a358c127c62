import { UpdaterError } from "../errors.ts";
import type { NamedFiles } from "../instance/application.ts";
import { refuseForeign } from "../instance/name-conflicts.ts";
import type { Instance } from "../instance/instance.ts";
import { goneOf, reviveDatabase } from "../instance/ensure-running.ts";
import { type Generation, generationOf } from "../instance/state.ts";
import { type View, viewInstance } from "../instance/read-instance.ts";
import { prepareExport } from "../reverse-replication/lost-export.ts";
import {
  type LossSummary,
  lossSinceSwap,
  refuseLoss,
  summaryOf,
} from "../reverse-replication/return-writes.ts";
import type { Language } from "../text/catalogue.ts";
import type {
  MoveContext,
  OperationContext,
  RollbackContext,
  SwapContext,
} from "../runner/context.ts";
import { Hold } from "../runner/hold.ts";
import { keepJournal } from "../runner/keep-journal.ts";
import { rollbackSteps } from "./rollback.ts";
import { type OperationResult, withOperation } from "../runner/run.ts";
import { previousOf, startingGeneration } from "../instance/serving.ts";
import { type Outcome, runSteps, type StepRun } from "../runner/step.ts";

/** Nobody is there to interrupt a return from a release that fails, milliseconds. */
const returnLimit = 10 * 60_000;

type RollbackOptions = Pick<RollbackContext, "acceptDataLoss" | "exportTo">;

export interface RollbackResult extends OperationResult {
  /** What was written since the swap and is lost now; null when nobody can tell. */
  readonly lost: readonly LossSummary[] | null;
  /** Files that rows of the version returned to name; null when nobody could look. */
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
  const { engine, name } = instance;
  const { state } = await viewInstance(engine, name);
  let view: View;
  let lost: RollbackContext["lost"];
  let files: RollbackContext["files"];
  const result = await withOperation(
    { instance, language, operation: "rollback", title: "rollback", image: state.proxyImage },
    async () => (view = await viewInstance(engine, name)).state,
    async (operation) => {
      const serving = startingGeneration(view, name);
      const previous = previousOf(operation.state, serving);
      await refuseForeign(instance, previous.number);
      const gone = await goneOf(instance, previous);
      if (gone.length > 0) throw new UpdaterError("previousGone", { tag: previous.tag, gone });
      if (exportTo !== undefined) await prepareExport(exportTo);
      if (!acceptDataLoss) {
        await reviveDatabase(instance, previous, signal);
        const loss = await lossSinceSwap({ ...operation, serving, previous }, signal);
        refuseLoss(loss, acceptDataLoss, previous.tag);
      }
      operation.instance.reporter.event({
        type: "operation-started",
        operation: "rollback",
        instance: name,
        from: serving.tag,
        to: previous.tag,
      });
      const context = rollbackContext({ ...operation, serving }, previous, {
        acceptDataLoss,
        exportTo,
      });
      const run = await runSteps(rollbackSteps(context), context, signal);
      operation.state = context.state;
      ({ lost, files } = context);
      return { from: serving.tag, to: previous.tag, run };
    },
  );
  return { ...result, lost: lost?.map(summaryOf) ?? null, files: files ?? null };
}

function rollbackContext(
  operation: OperationContext & Pick<MoveContext, "serving">,
  previous: Generation,
  options: RollbackOptions,
): RollbackContext {
  return {
    ...operation,
    operation: "rollback",
    previous,
    target: previous,
    candidate: previous,
    release: previous,
    ...options,
    lost: undefined,
    files: undefined,
    journal: keepJournal(operation.control, {
      instance: operation.instance.name,
      id: operation.id,
      operation: "rollback",
      from: operation.serving.tag,
      to: previous.tag,
      startedAt: operation.startedAt,
      serving: operation.serving.number,
      target: { number: previous.number, slot: previous.slot },
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
  const back = rollbackContext(
    {
      ...context,
      serving: generationOf(context.state, context.candidate.number),
      hold: new Hold(configuration.hold.max, reporter),
    },
    context.serving,
    { acceptDataLoss: configuration.probation.acceptDataLoss, exportTo: undefined },
  );
  const { outcome: returned } = await runSteps(
    rollbackSteps(back),
    back,
    AbortSignal.timeout(returnLimit),
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
