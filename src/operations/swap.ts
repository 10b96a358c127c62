import type { Step } from "../runner/step.ts";
import type { Change, SwapContext } from "../runner/context.ts";
import { swapAnnouncement } from "../messages/announce-swap.ts";
import { backUpStandby, prepareBackup } from "../backup/back-up.ts";
import { buildReleaseImage } from "../steps/build-image.ts";
import { cloneDatabase } from "../steps/clone-database.ts";
import { closeGate } from "../steps/close-gate.ts";
import { commit, switchStatic } from "../steps/commit.ts";
import { completeMedia, snapshotMedia } from "../steps/media.ts";
import { bootCandidate, migrateCandidate, probeCandidate } from "../steps/migrate-candidate.ts";
import { followServing } from "../reverse-replication/start-reverse-replication.ts";
import { jobSteps } from "../jobs/pause-jobs.ts";
import { mailSteps } from "../messages/mail-users.ts";
import { probation } from "../steps/probation.ts";
import { catchUpCandidate, fenceServing, promoteCandidate } from "../steps/fence-and-promote.ts";
import {
  applyRetention,
  releaseClone,
  retireFollower,
  stopGates,
} from "../steps/stop-generation.ts";
import { publishChanges } from "../reverse-replication/publish-changes.ts";
import { configuredHooks } from "../steps/run-hooks.ts";
import { snapshotSteps } from "../backup/snapshot.ts";
import { startCandidate } from "../steps/start-candidate.ts";
import { prepareGates } from "../steps/start-gates.ts";
import { newsSteps } from "../messages/tell-news.ts";

/** A swap, in order. Everything above `closeGate` happens beside users, everything to `commit` in their hold. */
export function swapSteps(context: Change): readonly Step<SwapContext>[] {
  const hooks = (...points: Parameters<typeof configuredHooks>[1][]) =>
    configuredHooks(context, ...points);
  const media = (step: Step<SwapContext>) =>
    context.instance.configuration.rollback.snapshotMedia ? [step] : [];
  const jobs = jobSteps(context);
  const announcement = swapAnnouncement(context);
  const mail = mailSteps(context);
  const news = newsSteps(context);
  return [
    buildReleaseImage,
    ...hooks("code_install"),
    ...news.before,
    ...announcement.before,
    ...mail.before,
    ...hooks("users_inform_before", "backup"),
    cloneDatabase,
    ...(context.instance.configuration.backup.beforeSwap
      ? [prepareBackup, backUpStandby, ...snapshotSteps(context)]
      : []),
    startCandidate,
    ...hooks("local_dir_update"),
    ...jobs.pause,
    prepareGates,
    ...media(snapshotMedia),
    ...hooks("instance_stop"),
    closeGate,
    fenceServing,
    ...media(completeMedia),
    catchUpCandidate,
    promoteCandidate,
    migrateCandidate,
    bootCandidate,
    probeCandidate,
    publishChanges,
    commit,
    switchStatic,
    ...jobs.resume,
    stopGates,
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
  ];
}

/** Whether it puts something into users' pages: not every proxy can. */
export function tellsInPages(steps: readonly Step<SwapContext>[]): boolean {
  return steps.some(({ name }) => name === "prepare-news" || name === "announce-swap");
}
