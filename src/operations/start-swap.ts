import { UpdaterError } from "../errors.ts";
import { keepJournal } from "../runner/keep-journal.ts";
import { refuseForeign } from "../instance/name-conflicts.ts";
import type { Instance } from "../instance/instance.ts";
import { canTell } from "../messages/store.ts";
import { slotCount } from "../instance/names.ts";
import { removeGeneration, removeUnfinished } from "../instance/prune.ts";
import { freeSlot } from "../instance/retention.ts";
import { type View, viewInstance } from "../instance/read-instance.ts";
import type { Language } from "../text/catalogue.ts";
import { changedSiteFiles, siteDigest } from "../instance/site-files.ts";
import type { Generation } from "../instance/state.ts";
import type { OperationContext, SwapContext } from "../runner/context.ts";
import { Guardrails } from "../runner/guardrails.ts";
import {
  refuseOlder,
  refuseServing,
  refuseSmallDisk,
  refuseSmallMemory,
  refuseStopped,
  refuseUnhealthyServing,
  refuseUnusableRepository,
} from "../runner/preflight.ts";
import { askRehearsal, findRehearsal, patienceFor, rehearsalOf } from "../rehearsal/rehearsed.ts";
import { reportStep } from "../instance/events.ts";
import { type Choice, choiceText } from "../release/choice.ts";
import { findChosen } from "../release/release.ts";
import { type OperationResult, withOperation } from "../runner/run.ts";
import { startingGeneration } from "../instance/serving.ts";
import { returnFromProbation } from "./start-rollback.ts";
import { runSteps } from "../runner/step.ts";
import { swapSteps, tellsInPages } from "./swap.ts";

/**
 * Puts a release in the place of the serving one.
 * @throws UpdaterError when it is refused before anything has changed
 */
export async function swap(
  instance: Instance,
  choice: Choice,
  { language, override }: { language: Language; override: readonly string[] },
  signal: AbortSignal,
): Promise<OperationResult> {
  const { engine, name, configuration } = instance;
  const guardrails = new Guardrails(override, instance.reporter);
  const { state } = await viewInstance(engine, name);
  let view: View;
  return await withOperation(
    {
      instance,
      language,
      operation: "swap",
      title: `swap ${choiceText(choice)}`,
      image: state.proxyImage,
    },
    // Only what is read under the lock counts.
    async () => (view = await viewInstance(engine, name)).state,
    async (operation) => {
      const serving = startingGeneration(view, name);
      const { reporter } = operation.instance;
      const release = await findChosen(operation.instance, choice, serving, signal);
      const named = { tag: release.tag, choice: choiceText(choice) };
      const rehearsed = await reportStep(reporter, "preflight", async () => {
        const { sessions } = operation;
        await refuseForeign(operation.instance, operation.state.nextGeneration);
        await refuseStopped(operation.instance, serving);
        await askGuardrails({ ...operation, release, serving }, guardrails, signal);
        const record = rehearsalOf(
          operation.state,
          release,
          serving,
          await siteDigest(operation.instance),
        );
        const found = await findRehearsal(operation.instance, sessions, record);
        await askRehearsal(found, named, configuration.rehearse.required, guardrails);
        guardrails.settle();
        return found;
      });
      await refuseUnusableRepository(operation, signal);
      reporter.event({ type: "rehearsed", ...named, ...rehearsed });
      const changed = await changedSiteFiles(operation.instance, serving.number);
      if (choice.kind !== "settings-only" && (changed ?? []).length > 0) {
        reporter.event({ type: "note", note: "settings-changed" });
      }
      const patience = patienceFor(rehearsed, configuration.hold.max, guardrails);
      operation.hold.allow(patience);
      operation.sessions.allow(patience);
      const room = {
        disk: async () => {
          if (!guardrails.overrides("disk")) {
            await refuseSmallDisk(operation.instance, operation.sessions, serving);
          }
        },
        memory: async () => {
          if (!guardrails.overrides("memory")) await refuseSmallMemory(operation.instance, serving);
        },
      };
      const context: SwapContext = {
        ...(await candidateContext(operation, "swap", release, serving, room)),
        source: release.source,
        expectedHold:
          rehearsed.kind === "current" ? (rehearsed.record.hold ?? undefined) : undefined,
      };
      reporter.event({
        type: "operation-started",
        operation: "swap",
        instance: name,
        from: serving.tag,
        to: release.tag,
      });
      const steps = swapSteps(context);
      if (tellsInPages(steps) && !(await canTell(engine, operation.state))) {
        const error = new UpdaterError("proxyTellsNothing", { instance: name });
        reporter.event({ type: "warning", error });
      }
      const run = await runSteps(steps, context, signal);
      const outcome = await returnFromProbation(context, run);
      operation.state = context.state;
      return { from: serving.tag, to: release.tag, run: { ...run, outcome } };
    },
  );
}

/** What a person may decide to go on in spite of, by name. */
async function askGuardrails(
  {
    instance,
    sessions,
    release,
    serving,
  }: Pick<SwapContext, "instance" | "sessions" | "release" | "serving">,
  guardrails: Guardrails,
  signal: AbortSignal,
): Promise<void> {
  await guardrails.ask("already-serving", () => refuseServing(instance, release, serving));
  await guardrails.ask("older", () => refuseOlder(release, serving));
  await guardrails.ask("unhealthy", () => refuseUnhealthyServing(sessions, serving, signal));
  await guardrails.ask("disk", () => refuseSmallDisk(instance, sessions, serving));
  await guardrails.ask("memory", () => refuseSmallMemory(instance, serving));
}

/** For whatever puts a new generation beside the serving one. */
export async function candidateContext(
  operation: OperationContext,
  kind: "swap" | "restore",
  release: SwapContext["release"],
  serving: Generation,
  room: SwapContext["room"],
): Promise<Omit<SwapContext, "expectedHold" | "source">> {
  // What an earlier rollback left has been there to look at until now.
  for (const abandoned of operation.state.generations.filter((one) => one.abandoned)) {
    await removeGeneration(operation.instance, operation.control, abandoned);
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
  return {
    ...operation,
    journal: keepJournal(operation.control, {
      instance: operation.instance.name,
      id: operation.id,
      operation: kind,
      from: serving.tag,
      to: release.tag,
      startedAt: operation.startedAt,
      serving: serving.number,
      target: { number: candidate.number, slot: candidate.slot },
    }),
    release,
    serving,
    candidate,
    target: candidate,
    migrated: { changed: [], added: [] },
    servedSchema: { tables: [], sequences: [], types: {} },
    made: [],
    snapshot: undefined,
    room,
  };
}
