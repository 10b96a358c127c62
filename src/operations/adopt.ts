import { UpdaterError } from "../errors.ts";
import { leaveNoStandIn } from "../instance/bare-metal.ts";
import { removeInstance } from "../instance/destroy.ts";
import { ensureGenerationRuns } from "../instance/ensure-running.ts";
import { reportStep } from "../instance/events.ts";
import type { Instance } from "../instance/instance.ts";
import { withInstanceLock } from "../instance/instance-lock.ts";
import type { Journal } from "../instance/journal.ts";
import { refuseNameConflicts } from "../instance/name-conflicts.ts";
import { type InstanceView, readInstance } from "../instance/read-instance.ts";
import { type BareMetal, generationOf, type Rehearsed } from "../instance/state.ts";
import { findRelease, type Release } from "../release/release.ts";
import type { OperationContext } from "../runner/context.ts";
import { type BegunOperation, type OperationResult, runOperation } from "../runner/run.ts";
import { runSteps } from "../runner/run-steps.ts";
import { journalAgain, journalOf } from "../runner/step-journal.ts";
import { inOrder, type Step, type StepRun } from "../runner/step.ts";
import { buildReleaseImage } from "../steps/build-image.ts";
import { releaseImage } from "../steps/context.ts";
import { openProxy } from "../steps/init-instance.ts";
import {
  type AdoptContext,
  reachBareMetal,
  standIn,
  type StandInContext,
} from "../move-in/stand-in.ts";
import { isTooLarge } from "../move-in/move-database.ts";
import { refuseRestart } from "../move-in/enable-replication.ts";
import { databasesOf, otherWriters } from "../postgres/foreign.ts";
import { Guardrails } from "../runner/guardrails.ts";
import { lookAtData } from "../runner/look-at-data.ts";
import {
  refuseSmallDisk,
  refuseSmallMemory,
  refuseStopped,
  refuseUnhealthyServing,
} from "../runner/preflight.ts";
import { releaseMachine } from "./finish-adoption.ts";
import { placeCandidate } from "./candidate.ts";
import { returnFromProbation } from "./rollback.ts";
import { roomFor, type SwapContext, swapSteps } from "./swap.ts";
import type { Language } from "../text/catalogue.ts";
import { moveChoice } from "../text/typed.ts";
import { allowHold, askRehearsal, findRehearsal, rehearsalOf } from "../rehearsal/rehearsed.ts";
import { siteDigest } from "../instance/site-files.ts";
import { makeInstance, ownImages, refuseExisting } from "./make-instance.ts";

type Context = AdoptContext & { readonly proxyImage: string };

/** How the updater comes to stand in front of a site that was installed by hand, in order. */
const adoptSteps: readonly Step<Context & StandInContext, Context & StandInContext>[] = [
  openProxy,
  buildReleaseImage,
  reachBareMetal,
  standIn,
];

/**
 * Stands in front of a site that was installed by hand: an instance whose first generation only leads to it.
 * @throws UpdaterError when it is refused before anything has changed
 */
export async function adopt(
  instance: Instance,
  { tag, bareMetal, language }: { tag: string; bareMetal: BareMetal; language: Language },
  signal: AbortSignal,
): Promise<OperationResult> {
  await refuseExisting(instance);
  await refuseNameConflicts(instance, 1);
  const release = await findRelease(instance, tag, signal);
  const { proxyImage, databaseImage } = await ownImages(instance);
  const title = "adopt --stand-in";
  const request = { instance, language, operation: "adopt", title, image: proxyImage } as const;
  return await makeInstance(request, tag, async (operation) => {
    const { reporter } = operation.instance;
    const started = { type: "operation-started", operation: "adopt" } as const;
    reporter.event({ ...started, instance: instance.name, from: null, to: tag });
    return await begin(operation, { release, bareMetal, proxyImage, databaseImage }, signal);
  });
}

async function begin(
  operation: OperationContext,
  {
    release,
    bareMetal,
    proxyImage,
    databaseImage,
  }: Pick<Context, "bareMetal" | "proxyImage"> & { release: Release; databaseImage: string },
  signal: AbortSignal,
): Promise<StepRun> {
  const candidate = { number: 1, slot: 1, databaseImage };
  const journal = journalOf(operation, { from: undefined, to: release.tag, target: candidate });
  const { outputs } = operation;
  const context = {
    ...operation,
    journal,
    release,
    serving: undefined,
    candidate,
    bareMetal,
    proxyImage,
    standIn: {
      bareMetal,
      get image() {
        return outputs.get(releaseImage);
      },
    },
  };
  // Should this updater die, recovery finds out here whose it was. A state without a journal would be a site.
  await journal.begin(openProxy);
  await operation.state.change((empty) => empty);
  return await runSteps(adoptSteps, context, signal);
}

/** Ends one whose updater died: where users may come by the proxy it is finished, else removed as a whole. */
export async function endAdopt(
  operation: OperationContext,
  journal: Journal,
  { state }: InstanceView,
  signal: AbortSignal,
): Promise<StepRun> {
  if (!journal.begun.includes(standIn.name)) {
    const { operation: name, to } = journal;
    const error = new UpdaterError("killed", { operation: name, to });
    return { outcome: { kind: "restored", error }, durationsMs: {} };
  }
  const candidate = generationOf(state, journal.target.number);
  const { bareMetal, image } = candidate;
  if (!bareMetal) throw new UpdaterError("standsInNowhere", { instance: journal.instance });
  await ensureGenerationRuns(operation.instance, candidate);
  const context = {
    ...operation,
    candidate,
    standIn: { image, bareMetal },
    journal: journalAgain(operation, journal),
  };
  return await runSteps([standIn], context, signal, { committed: true });
}

/**
 * Moves a site that was installed by hand, and that the updater stands in front of, into a generation of ours, at the same
 * version: a swap, with another way for the data. A rollback leads back.
 * @throws UpdaterError when it is refused before anything has changed
 */
export async function switchOver(
  instance: Instance,
  {
    language,
    override,
    restartDatabase,
  }: {
    readonly language: Language;
    readonly override: readonly string[];
    /** The PostgreSQL of the machine may be restarted, should its database have to be copied beside users. */
    readonly restartDatabase: boolean;
  },
  signal: AbortSignal,
): Promise<OperationResult> {
  const guardrails = new Guardrails(override, instance.reporter);
  const title = "adopt --switch";
  const request = { instance, language, operation: "swap", title, ofBareMetal: true } as const;
  const { result } = await runOperation(request, async (begun) => {
    const { instance: site, serving, state } = begun;
    const release = await findRelease(site, serving.tag, signal);
    const named = { tag: release.tag, choice: moveChoice };
    const rehearsed = await reportStep(site.reporter, "preflight", async () =>
      preflight(begun, { release, named, guardrails, restartDatabase }, signal),
    );
    site.reporter.event({ type: "rehearsed", ...named, ...rehearsed });
    const expectedHoldMs = await allowHold(begun, rehearsed, guardrails);
    const { databaseImage } = await ownImages(site);
    const context: SwapContext = {
      ...begun,
      ...(await placeCandidate(begun, release.tag, databaseImage)),
      release,
      source: release.source,
      room: roomFor(begun, guardrails),
      expectedHoldMs,
      restartDatabase,
    };
    await refuseNameConflicts(site, state.current.nextGeneration);
    begun.announce(release.tag, serving.bareMetal);
    const parts = swapSteps(context);
    const run = await runSteps(inOrder(parts), context, signal);
    const outcome = await returnFromProbation(context, run, parts.finish);
    return { to: release.tag, run: { ...run, outcome } };
  });
  return result;
}

/** What speaks against the switch before anything has changed; all of it is asked. */
async function preflight(
  { instance, sessions, serving, state, hold }: BegunOperation,
  {
    release,
    named,
    guardrails,
    restartDatabase,
  }: {
    readonly release: Release;
    readonly named: { readonly tag: string; readonly choice: string };
    readonly guardrails: Guardrails;
    readonly restartDatabase: boolean;
  },
  signal: AbortSignal,
): Promise<Rehearsed> {
  await refuseStopped(instance, serving);
  const { role } = instance.configuration.database;
  const database = await sessions.database(serving.number);
  const others = await databasesOf(database, role);
  if (others.length > 0) throw new UpdaterError("roleElsewhere", { role, databases: others });
  // What is not that clear is found out by copying it.
  if (await isTooLarge(database, instance, hold))
    await refuseRestart(database, { restartDatabase });
  const roles = await otherWriters(database, role);
  if (roles.length > 0) {
    const error = new UpdaterError("othersWrite", { role, roles });
    instance.reporter.event({ type: "warning", error });
  }
  await guardrails.ask("unhealthy", () => refuseUnhealthyServing(sessions, serving, signal));
  await guardrails.ask("disk", () => refuseSmallDisk(instance, sessions, serving));
  await guardrails.ask("memory", () => refuseSmallMemory(instance, serving));
  // What a dump carries, a copy of the cluster does not: but a way back does not either.
  await lookAtData(instance, sessions, serving);
  const record = rehearsalOf(state.current, release, serving, await siteDigest(instance));
  const found = await findRehearsal(instance, sessions, release, record);
  await askRehearsal(found, named, instance.configuration, guardrails);
  guardrails.settle();
  return found;
}

/**
 * Leaves a site as it was found that the updater only stands in front of, or was about to.
 * @returns the folder of its sources
 * @throws UpdaterError `standsInNowhere`, `locked`, `otherFolder`
 */
export async function undoAdoption(instance: Instance): Promise<string> {
  const { engine, name, reporter } = instance;
  const { state, serving, journal, toTidy } = await readInstance(engine, name);
  const first = state.generations.find(({ bareMetal }) => bareMetal);
  if (!first?.bareMetal) throw new UpdaterError("standsInNowhere", { instance: name });
  if (serving && !serving.bareMetal) throw new UpdaterError("hasMoved", { instance: name });
  // What a switch that was taken back has left goes with the rest, once it has been ended.
  const unfinished = toTidy ?? (journal?.operation === "adopt" ? undefined : journal);
  if (unfinished) throw new UpdaterError("unfinished", unfinished);
  const lock = { instance: name, image: state.proxyImage, operation: "adopt --undo" };
  await withInstanceLock(engine, lock, async () => {
    await reportStep(reporter, "leave-place", async () => {
      await releaseMachine(instance, state);
      await leaveNoStandIn(instance, state);
    });
  });
  await reportStep(reporter, "remove-instance", async () => removeInstance(instance));
  return first.bareMetal.sources;
}
