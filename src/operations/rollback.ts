import { closeGate } from "../steps/close-gate.ts";
import { commit, switchStatic } from "../steps/commit.ts";
import { endFollowingStep } from "../reverse-replication/start-reverse-replication.ts";
import { checkFiles, findLostMedia, restoreLostMedia } from "../steps/media.ts";
import { jobSteps } from "../jobs/pause-jobs.ts";
import { bootCandidate, probeCandidate } from "../steps/migrate-candidate.ts";
import { fenceServing } from "../steps/fence-and-promote.ts";
import { markAbandoned, resumePrevious } from "../steps/resume-previous.ts";
import { retireServing, stopGates } from "../steps/stop-generation.ts";
import { catchUpPrevious, returnWrites } from "../reverse-replication/return-writes.ts";
import { configuredHooks } from "../steps/run-hooks.ts";
import { prepareGates } from "../steps/start-gates.ts";
import type { RollbackContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";

/** A rollback, in order: the way of a swap, back to a container and a volume that were kept. */
export function rollbackSteps(context: RollbackContext): readonly Step<RollbackContext>[] {
  const { rollback, backup } = context.instance.configuration;
  // A restore of a snapshot keeps the media it replaces.
  const withMedia = rollback.snapshotMedia || backup.snapshots !== undefined;
  const jobs = jobSteps(context);
  return [
    ...configuredHooks(context, "users_inform_before"),
    resumePrevious,
    ...(withMedia ? [findLostMedia] : []),
    ...jobs.pause,
    prepareGates,
    ...configuredHooks(context, "instance_stop"),
    closeGate,
    fenceServing,
    catchUpPrevious,
    returnWrites,
    ...(withMedia ? [restoreLostMedia] : []),
    bootCandidate,
    probeCandidate,
    commit,
    switchStatic,
    ...jobs.resume,
    markAbandoned,
    stopGates,
    checkFiles,
    endFollowingStep,
    ...configuredHooks(context, "instance_launch"),
    retireServing,
    ...configuredHooks(context, "users_inform_after"),
  ];
}
