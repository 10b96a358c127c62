import { buildReleaseImage } from "../steps/build-image.ts";
import { closeGate } from "../steps/close-gate.ts";
import { commit, switchStatic } from "../steps/commit.ts";
import { endFormerFollowing } from "../reverse-replication/start-reverse-replication.ts";
import { loadBackup } from "../backup/load-backup.ts";
import { bringMediaBack, findChangedMedia } from "../backup/media-of-snapshot.ts";
import { bootCandidate, migrateCandidate, probeCandidate } from "../steps/migrate-candidate.ts";
import { jobSteps } from "../jobs/pause-jobs.ts";
import { probation } from "../steps/probation.ts";
import { fenceServing } from "../steps/fence-and-promote.ts";
import { loadFixture } from "../backup/restore-dump.ts";
import { applyRetention, retireFollower, stopGates } from "../steps/stop-generation.ts";
import { configuredHooks } from "../steps/run-hooks.ts";
import { startCandidate } from "../steps/start-candidate.ts";
import { prepareGates } from "../steps/start-gates.ts";
import type { RestoreContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";

/**
 * A restore, in order: the way of a swap, to a generation whose database comes from a backup. It has nothing to catch
 * up with, so migrations and the first boot are done before users wait.
 */
export function restoreSteps(context: RestoreContext): readonly Step<RestoreContext>[] {
  const jobs = jobSteps(context);
  const media = (step: Step<RestoreContext>) => (context.withMedia ? [step] : []);
  return [
    buildReleaseImage,
    ...configuredHooks(context, "code_install", "users_inform_before"),
    loadBackup,
    startCandidate,
    ...configuredHooks(context, "local_dir_update"),
    whileUsersWork(migrateCandidate),
    ...(context.dump?.kind === "fixture" ? [loadFixture] : []),
    whileUsersWork(bootCandidate),
    whileUsersWork(probeCandidate),
    ...media(findChangedMedia),
    ...jobs.pause,
    prepareGates,
    ...configuredHooks(context, "instance_stop"),
    closeGate,
    fenceServing,
    ...media(bringMediaBack),
    commit,
    switchStatic,
    ...jobs.resume,
    stopGates,
    endFormerFollowing,
    ...configuredHooks(context, "instance_launch"),
    probation,
    retireFollower,
    applyRetention,
    ...configuredHooks(context, "users_inform_after"),
  ];
}

function whileUsersWork<Context>({ gate: _, ...step }: Step<Context>): Step<Context> {
  return step;
}
