import { UpdaterError } from "../errors.ts";
import { refuseForeign } from "../instance/foreign.ts";
import type { Instance } from "../instance/instance.ts";
import { slotCount } from "../instance/names.ts";
import { removeGeneration, removeUnfinished } from "../instance/prune.ts";
import { freeSlot } from "../instance/retention.ts";
import { type View, viewInstance } from "../instance/view.ts";
import type { Language } from "../text/catalogue.ts";
import type { Generation } from "../instance/state.ts";
import type { OperationContext, SwapContext } from "./context.ts";
import { refuseSmallDisk, refuseUnhealthyServing, refuseUselessRelease } from "./preflight.ts";
import { reportStep } from "../reporter.ts";
import { findRelease } from "./release.ts";
import { type OperationResult, withOperation } from "./run.ts";
import { servingGeneration } from "./serving.ts";
import { returnFromProbation } from "./start-rollback.ts";
import { runSteps } from "./step.ts";
import { swapSteps } from "./swap.ts";

/**
 * Puts a release in the place of the serving one.
 * @throws UpdaterError when it is refused before anything has changed
 */
export async function swap(
  instance: Instance,
  tag: string,
  language: Language,
  signal: AbortSignal,
): Promise<OperationResult> {
  const { engine, name } = instance;
  const { state } = await viewInstance(engine, name);
  let view: View;
  return await withOperation(
    {
      instance,
      language,
      operation: "swap",
      title: `swap ${tag}`,
      image: state.proxyImage,
    },
    // Only what is read under the lock counts.
    async () => (view = await viewInstance(engine, name)).state,
    async (operation) => {
      const serving = servingGeneration(view, name);
      const { reporter } = operation.instance;
      const release = await findRelease(operation.instance, tag, signal);
      await reportStep(reporter, "preflight", async () => {
        refuseUselessRelease(release, serving);
        await refuseForeign(operation.instance, operation.state.nextGeneration);
        await refuseUnhealthyServing(operation.instance, operation.sessions, serving, signal);
        await refuseSmallDisk(operation.instance, operation.sessions, serving);
      });
      const context = await swapContext(operation, release, serving);
      reporter.event({
        type: "operation-started",
        operation: "swap",
        instance: name,
        from: serving.tag,
        to: tag,
      });
      const run = await runSteps(swapSteps(context), context, signal);
      const outcome = await returnFromProbation(context, run);
      operation.state = context.state;
      return { from: serving.tag, to: tag, run: { ...run, outcome } };
    },
  );
}

async function swapContext(
  operation: OperationContext,
  release: SwapContext["release"],
  serving: Generation,
): Promise<SwapContext> {
  // What an earlier rollback left has been there to look at until now.
  for (const abandoned of operation.state.generations.filter((one) => one.abandoned)) {
    await removeGeneration(operation.instance, operation.control.shell, abandoned);
    operation.state = {
      ...operation.state,
      generations: operation.state.generations.filter((one) => one !== abandoned),
    };
    await operation.control.writeState(operation.state);
  }
  await removeUnfinished(operation.instance, operation.state.generations);
  const slot = freeSlot(operation.state, slotCount);
  if (slot === undefined) throw new UpdaterError("noFreeSlot", {});
  const candidate = {
    number: operation.state.nextGeneration,
    databaseImage: serving.databaseImage,
    slot,
    image: "",
    pending: [],
  };
  return { ...operation, release, serving, candidate, target: candidate, ownWrites: [] };
}
