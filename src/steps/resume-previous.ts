import { applicationStopSeconds } from "../instance/containers.ts";
import { paths } from "../instance/names.ts";
import { holdBack } from "../instance/slot.ts";
import { stopTelling } from "../instance/stop-container.ts";
import { fromNow } from "../instance/waiting.ts";
import type { Wait } from "../text/catalogue.ts";
import { ensureApplicationRuns, ensureFollowerRuns } from "../instance/ensure-running.ts";
import type { OperationContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";
import { isError } from "../errors.ts";
import { type Database, isDatabaseError } from "../postgres/connect.ts";
import { followedPlan, reshape, resumeFollowing } from "../postgres/follow/follower.ts";
import { slotIntact } from "../postgres/follow/publication.ts";
import { liftFence } from "../postgres/replication.ts";
import { asUpdaterError } from "../runner/known-error.ts";
import type { Generation } from "../instance/state.ts";
import type { SwitchContext } from "./context.ts";
import { retireGeneration } from "./stop-generation.ts";
import { releaseError } from "./start-candidate.ts";
import { fenceTelling } from "./tell-database.ts";

/** What its database may take to start when it is only to be stopped again. */
const undoLimitMs = 60_000;

type Previous = Pick<OperationContext, "instance" | "sessions" | "control"> & {
  readonly serving: Generation;
  readonly previous: Generation;
};

/** Brings the kept generation up beside the serving one, up to where its application would touch its database. */
export const resumePrevious: Step<Previous, Previous> = {
  name: "resume-previous",

  async apply(context, signal) {
    const { instance, sessions, control, serving, previous } = context;
    const { names, configuration } = instance;
    await ensureFollowerRuns(instance, previous, serving, signal);
    // Looking for migrations is all it does there before the switch. What was installed by hand is not ours to hold back:
    // its gunicorn, and lines of cron, would write at once.
    if (!previous.bareMetal) {
      await liftFence(await sessions.database(previous.number), configuration.database.role);
    }
    await sessions.closeGeneration(previous.number);
    await stopTelling(instance, names.application(previous.number), applicationStopSeconds);
    if (!previous.bareMetal) await holdBack(control.shell, paths.slot(previous.slot));
    await ensureApplicationRuns(instance, previous);
    const application = await sessions.application(previous.number);
    try {
      await application.prepare(signal);
    } catch (error) {
      throw releaseError(error, previous.tag);
    }
  },

  /** Users are served again by then: whatever has become of the kept generation, they do not wait for it. */
  async undo({ instance, sessions, serving, previous }) {
    try {
      // One that was stopped, or is still starting, could neither be fenced nor follow.
      await ensureFollowerRuns(instance, previous, serving, AbortSignal.timeout(undoLimitMs));
      const old = await sessions.database(previous.number);
      // Its application may have begun to boot.
      await fenceTelling(instance, previous.number, old);
      await followAgain(old, await sessions.database(serving.number));
    } catch (error) {
      const gone = isError(error, "volumeGone", "databaseDoesNotStart", "foreignContainer");
      // A machine that is left open would take in what nobody sees: the next command tries again.
      if (previous.bareMetal || (!gone && !isDatabaseError(error))) throw error;
      // Trying again would not help, and what serves needs nothing of it; the next rollback looks at it anew.
      instance.reporter.event({ type: "warning", error: asUpdaterError(error) });
    }
    await retireGeneration(instance, sessions, previous.number);
  },
};

/**
 * Lets the kept database follow again, in whatever shape a return that was given up has left it; not where the serving one no
 * longer has what it would take in.
 */
export async function followAgain(old: Database, serving: Database): Promise<void> {
  const followed = await followedPlan(old);
  if (!followed) return;
  if (!followed.shaped) await reshape(old, followed.plan);
  if (await slotIntact(serving)) await resumeFollowing(old);
}

/** What an application is to answer, as what is waited for from now on. */
export function answerOf(
  { configuration }: Pick<Previous["instance"], "configuration">,
  { tag }: Pick<Generation, "tag">,
): () => Wait {
  const since = fromNow();
  return () => ({ kind: "pages", since, tag, pages: configuration.probe.anonymousPages });
}

/** The generation users have left is marked, so that nothing leads back to it. */
export const markAbandoned: Step<Pick<SwitchContext, "state" | "serving">> = {
  name: "mark-abandoned",
  async apply({ state, serving }) {
    await state.change((current) => ({
      ...current,
      generations: current.generations.map((generation) =>
        generation.number === serving.number ? { ...generation, abandoned: true } : generation,
      ),
    }));
  },
};
