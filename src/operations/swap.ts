import { backUpStandby, prepareBackup } from "../backup/back-up.ts";
import { analyzeDatabase } from "../move-in/analyze-database.ts";
import { fenceMachine } from "../move-in/machine-service.ts";
import { pauseCron } from "../move-in/cron.ts";
import { copyForeignDatabase, moveDatabase } from "../move-in/move-database.ts";
import { enableReplication } from "../move-in/enable-replication.ts";
import { replicateDatabase } from "../move-in/replicate-database.ts";
import { completeCopiedMedia, copyMedia } from "../move-in/move-media.ts";
import { refuseUnusableRepository } from "../backup/list-snapshots.ts";
import { snapshotSteps } from "../backup/snapshot.ts";
import { UpdaterError } from "../errors.ts";
import { reportStep } from "../instance/events.ts";
import type { Instance } from "../instance/instance.ts";
import { refuseNameConflicts } from "../instance/name-conflicts.ts";
import { changedSiteFiles, siteDigest } from "../instance/site-files.ts";
import type { Generation, Rehearsed } from "../instance/state.ts";
import { jobSteps } from "../jobs/pause-jobs.ts";
import { swapAnnouncement } from "../messages/announce-swap.ts";
import { mailSteps } from "../messages/mail-users.ts";
import { canTell } from "../messages/store.ts";
import { newsSteps } from "../messages/tell-news.ts";
import { allowHold, askRehearsal, findRehearsal, rehearsalOf } from "../rehearsal/rehearsed.ts";
import { findTarget, type Release } from "../release/release.ts";
import { type Target, targetText } from "../release/target.ts";
import { publishBooted, publishChanges } from "../reverse-replication/publish-changes.ts";
import { followServing } from "../reverse-replication/start-reverse-replication.ts";
import type { VersionChange } from "../runner/context.ts";
import { Guardrails } from "../runner/guardrails.ts";
import { lookAtData, refuseUnlogged } from "../runner/look-at-data.ts";
import {
  refuseOlder,
  refuseServing,
  refuseSmallDisk,
  refuseSmallMemory,
  refuseStopped,
  refuseUnhealthyServing,
} from "../runner/preflight.ts";
import { type BegunOperation, type OperationResult, runOperation } from "../runner/run.ts";
import { runSteps } from "../runner/run-steps.ts";
import { inOrder, type Step, type SwitchSteps } from "../runner/step.ts";
import type { Repository } from "../source/repository.ts";
import { buildReleaseImage } from "../steps/build-image.ts";
import { cloneDatabase } from "../steps/clone-database.ts";
import { closeGate } from "../steps/close-gate.ts";
import { commit, switchStatic } from "../steps/commit.ts";
import type { CandidateContext, CopyContext, Room, SwitchContext } from "../steps/context.ts";
import { catchUpCandidate, fenceServing, promoteCandidate } from "../steps/fence-and-promote.ts";
import { completeMedia, snapshotMedia } from "../steps/media.ts";
import { bootCandidate, migrateCandidate, probeCandidate } from "../steps/migrate-candidate.ts";
import { probation } from "../steps/probation.ts";
import { configuredHooks } from "../steps/run-hooks.ts";
import { startCandidate } from "../steps/start-candidate.ts";
import { awaitQuiet } from "../steps/await-quiet.ts";
import { prepareGates, stopGates } from "../steps/start-gates.ts";
import { applyRetention, releaseClone, retireFollower } from "../steps/stop-generation.ts";
import type { Language } from "../text/catalogue.ts";
import { placeCandidate } from "./candidate.ts";
import { returnFromProbation } from "./rollback.ts";

/** What undoing a swap or a restore needs, and finishing it: what the journal and the state tell. */
export interface SwapEndContext extends SwitchContext, CandidateContext {
  readonly serving: Generation;
}

export interface SwapContext extends CopyContext, Omit<SwapEndContext, "release"> {
  readonly serving: Generation;
  /** BiomAid's repository; undefined where the release does not come from there. */
  readonly source: Repository | undefined;
  /** Milliseconds a rehearsal says users will wait; undefined when none can be trusted. */
  readonly expectedHoldMs: number | undefined;
  /** Of a site that was installed by hand: the PostgreSQL of its machine may be restarted. */
  readonly restartDatabase?: boolean;
}

/** How the data of the serving generation come to the candidate. */
const ofGeneration = (change: VersionChange) => ({
  copy: [
    cloneDatabase,
    ...(change.instance.configuration.backup.beforeSwap
      ? [prepareBackup, backUpStandby, ...snapshotSteps(change)]
      : []),
  ],
  fence: [fenceServing],
  held: [catchUpCandidate, promoteCandidate],
  after: [],
});

/** The same where that was installed by hand: its cluster is not one of ours, and its media are elsewhere. */
const ofBareMetal = {
  copy: [copyMedia, copyForeignDatabase, enableReplication, replicateDatabase],
  fence: [fenceMachine],
  held: [completeCopiedMedia, moveDatabase],
  after: [analyzeDatabase, pauseCron],
};
const keptMedia = { before: [snapshotMedia], held: [completeMedia] };
const noMedia = { before: [], held: [] };

/**
 * A swap, in order. Everything above `closeGate` happens beside users, but for a restart of a machine's PostgreSQL; everything to
 * `commit` in their hold.
 */
export function swapSteps(change: VersionChange): SwitchSteps<SwapContext, SwapEndContext> {
  const { configuration } = change.instance;
  const moves = change.serving.bareMetal !== undefined;
  const hooks = (...points: Parameters<typeof configuredHooks>[1][]) =>
    configuredHooks(change, ...points);
  const snapshots = configuration.rollback.snapshotMedia;
  const data = moves ? ofBareMetal : ofGeneration(change);
  const media = snapshots && !moves ? keptMedia : noMedia;
  const jobs = jobSteps(change);
  const announcement = swapAnnouncement(change);
  const mail = mailSteps(change);
  const news = newsSteps(change);
  return {
    prepare: [
      buildReleaseImage,
      ...hooks("code_install"),
      ...news.before,
      ...announcement.before,
      ...mail.before,
      ...hooks("users_inform_before", "backup"),
      ...data.copy,
      startCandidate,
      ...hooks("local_dir_update"),
      ...jobs.pause,
      prepareGates,
      ...media.before,
      awaitQuiet,
      ...hooks("instance_stop"),
      closeGate,
      ...data.fence,
      ...media.held,
      ...data.held,
      migrateCandidate,
      publishChanges,
      bootCandidate,
      probeCandidate,
      publishBooted,
    ],
    finish: [
      commit,
      switchStatic,
      ...jobs.resume,
      stopGates,
      ...data.after,
      ...announcement.after,
      ...news.after,
      followServing,
      ...hooks("instance_launch"),
      probation,
      releaseClone,
      retireFollower,
      applyRetention,
      ...mail.after,
      ...hooks("users_inform_after"),
    ],
  };
}

/**
 * Puts a release in the place of the serving one.
 * @param override names of guardrails that are not to stop it
 * @throws UpdaterError when it is refused before anything has changed
 */
export async function swap(
  instance: Instance,
  target: Target,
  { language, override }: { language: Language; override: readonly string[] },
  signal: AbortSignal,
): Promise<OperationResult> {
  const guardrails = new Guardrails(override, instance.reporter);
  const choice = targetText(target);
  const request = { instance, language, operation: "swap", title: `swap ${choice}` } as const;
  const { result } = await runOperation(request, async (begun) => {
    const { instance: site, serving } = begun;
    const { reporter } = site;
    const release = await findTarget(site, target, serving, signal);
    const named = { tag: release.tag, choice };
    const rehearsed = await reportStep(reporter, "preflight", async () =>
      preflight(begun, release, named, guardrails, signal),
    );
    await refuseUnusableRepository(begun, signal);
    reporter.event({ type: "rehearsed", ...named, ...rehearsed });
    const changed = await changedSiteFiles(site, serving.number);
    if (target.kind !== "settings-only" && (changed ?? []).length > 0) {
      reporter.event({ type: "note", note: "settings-changed" });
    }
    const expectedHoldMs = await allowHold(begun, rehearsed, guardrails);
    const context: SwapContext = {
      ...begun,
      ...(await placeCandidate(begun, release.tag)),
      release,
      source: release.source,
      room: roomFor(begun, guardrails),
      expectedHoldMs,
    };
    begun.announce(release.tag);
    const parts = swapSteps(context);
    const steps = inOrder(parts);
    await warnOfSilentProxy(context, steps);
    const run = await runSteps(steps, context, signal);
    const outcome = await returnFromProbation(context, run, parts.finish);
    return { to: release.tag, run: { ...run, outcome } };
  });
  return result;
}

/** What speaks against a swap before anything has changed; all of it is asked. */
async function preflight(
  begun: BegunOperation,
  release: Release,
  named: { readonly tag: string; readonly choice: string },
  guardrails: Guardrails,
  signal: AbortSignal,
): Promise<Rehearsed> {
  const { instance, state, sessions, serving } = begun;
  await refuseNameConflicts(instance, state.current.nextGeneration);
  await refuseStopped(instance, serving);
  await guardrails.ask("already-serving", () => refuseServing(instance, release, serving));
  await guardrails.ask("older", () => refuseOlder(release, serving));
  await guardrails.ask("unhealthy", () => refuseUnhealthyServing(sessions, serving, signal));
  await guardrails.ask("disk", () => refuseSmallDisk(instance, sessions, serving));
  await guardrails.ask("memory", () => refuseSmallMemory(instance, serving));
  const looked = await lookAtData(instance, sessions, serving);
  await guardrails.ask("unlogged", () => refuseUnlogged(looked));
  const record = rehearsalOf(state.current, release, serving, await siteDigest(instance));
  const found = await findRehearsal(instance, sessions, release, record);
  await askRehearsal(found, named, instance.configuration, guardrails);
  guardrails.settle();
  return found;
}

/** Asks again, unless it is to be ignored. */
export function roomFor(
  { instance, sessions, serving }: BegunOperation,
  guardrails: Guardrails,
): Room {
  return {
    disk: async () => {
      if (!guardrails.overrides("disk")) await refuseSmallDisk(instance, sessions, serving);
    },
    memory: async () => {
      if (!guardrails.overrides("memory")) await refuseSmallMemory(instance, serving);
    },
  };
}

/** Not every proxy, which is as old as its instance, can put something into users' pages. */
async function warnOfSilentProxy(
  { instance: { engine, name, reporter }, state }: SwapContext,
  steps: readonly Pick<Step<never>, "name">[],
): Promise<void> {
  const tells = steps.some(({ name: step }) => step === "prepare-news" || step === "announce-swap");
  if (!tells || (await canTell(engine, state.current))) return;
  const error = new UpdaterError("proxyTellsNothing", { instance: name });
  reporter.event({ type: "warning", error });
}
