import { UpdaterError } from "../errors.ts";
import { asUpdaterError } from "../runner/known-error.ts";
import { isRunning } from "../engine/containers.ts";
import type { Instance } from "../instance/instance.ts";
import { removeMediaCopy } from "../instance/media.ts";
import { paths } from "../instance/names.ts";
import { endOffer, offeredHost } from "../instance/bare-metal.ts";
import { ensureDatabaseRuns, ensureFollowerRuns } from "../instance/ensure-running.ts";
import { type Generation, generationOf } from "../instance/state.ts";
import type { Sessions } from "../runner/sessions.ts";
import type { CandidateContext, SwitchContext } from "../steps/context.ts";
import type { Step } from "../runner/step.ts";
import {
  endFollowing,
  followedPlan,
  follows,
  startFollowing,
  unshape,
} from "../postgres/follow/follower.ts";
import { makePlan } from "../postgres/follow/make-plan.ts";
import { publishedSince, unpublish } from "../postgres/follow/publication.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { stopGeneration } from "../steps/stop-generation.ts";
import { applyTelling } from "../steps/tell-database.ts";

/**
 * Lets the database of the generation left follow the one that serves, so that a return keeps what users write.
 * One that cannot is no reason to call a swap failed: a rollback says what it would lose.
 */
export const followServing: Step<SwitchContext & Pick<CandidateContext, "candidate">> = {
  name: "follow",

  async apply(context, signal) {
    const { instance, sessions, serving, candidate } = context;
    try {
      await releaseFormerFollower(context, signal);
      const previous = await sessions.database(serving.number);
      const now = await sessions.database(candidate.number);
      const source = sourceOf(instance, serving, candidate.number);
      await ensureFollowerRuns(instance, serving, candidate, signal);
      // Done again after an updater's death.
      if (await follows(previous, source)) return;
      // What a rollback that could not be tidied has left.
      await stopFollowing(sessions, serving.number);
      const touched = await publishedSince(now);
      if (!touched) return;
      const { map } = instance.configuration.rollback;
      const loaded = serving.bareMetal !== undefined;
      const plan = await makePlan(now, previous, touched, map, { loaded });
      await startFollowing(previous, plan, source);
      // `status` does not say from here on that it stopped. A database that dies meanwhile starts again.
      await applyTelling(instance, serving.number, previous, signal).catch(() => undefined);
    } catch (error) {
      signal.throwIfAborted();
      instance.reporter.event({ type: "note", note: "not-following" });
      instance.reporter.event({ type: "output", source: "database", line: String(error) });
      await unpublish(await sessions.database(candidate.number));
    }
  },
};

/** How a database reaches that of another generation, for libpq: over the socket databases alone share. */
function sourceOf(instance: Instance, { bareMetal }: Generation, generation: number): string {
  const { name } = instance.configuration.database;
  const host = bareMetal
    ? offeredHost(instance, bareMetal, generation)
    : `${paths.replication}/g${generation}`;
  // That of the machine may have been started with another one.
  const port = bareMetal ? " port=5432" : "";
  return `host=${host}${port} user=postgres dbname='${name}'`;
}

/** What a restore leaves is not followed any more, and follows none. */
export const endFormerFollowing: Step<SwitchContext> = {
  name: "end-following",

  async apply(context, signal) {
    await releaseFormerFollower(context, signal);
  },
};

/** A follower of the generation that was left has nothing more to follow: a return goes one version back. */
async function releaseFormerFollower(
  { instance, sessions, state, serving }: SwitchContext,
  signal: AbortSignal,
): Promise<void> {
  // What is finished after its updater's death may find it stopped.
  await ensureDatabaseRuns(instance, serving, signal);
  const former = state.current.generations.find(({ number }) => number === serving.previous);
  if (former && (await isRunning(instance.engine, instance.names.database(former.number)))) {
    await releaseFormer({ instance, sessions }, former);
  }
  // No reader is left that would come back to it at once.
  await unpublish(await sessions.database(serving.number));
}

async function releaseFormer(
  { instance, sessions }: Pick<SwitchContext, "instance" | "sessions">,
  { number, bareMetal }: Generation,
): Promise<void> {
  const stop = async () => await stopFollowing(sessions, number);
  if (bareMetal) {
    const { sources: folder } = bareMetal;
    const told = new UpdaterError("machineFollowsNoMore", { folder });
    instance.reporter.event({ type: "warning", error: told });
    // What leads there runs whether or not its PostgreSQL does; nothing that comes now depends on it.
    await stop().catch((error: unknown) => {
      instance.reporter.event({ type: "warning", error: asUpdaterError(error) });
    });
  } else await stop();
  await stopGeneration(instance, sessions, number);
}

/** Gives a database that follows its own shape back; one that does not is left alone. */
export async function stopFollowing(sessions: Sessions, generation: number): Promise<void> {
  const database = await sessions.database(generation);
  const followed = await followedPlan(database);
  if (!followed) return;
  if (followed.shaped) {
    await inTransaction(database, async () => {
      await unshape(database, followed.plan);
    });
  }
  await endFollowing(database);
}

/** The generation returned to follows none, and nothing is kept for it. */
export const endFollowingStep: Step<SwitchContext & { readonly previous: Generation }> = {
  name: "end-following",

  async apply({ instance, sessions, control, state, serving, previous }) {
    await removeMediaCopy(control, previous.number);
    await endFollowing(
      await sessions.database(generationOf(state.current, previous.number).number),
    );
    await endOffer(instance, previous.number);
    if (!(await isRunning(instance.engine, instance.names.database(serving.number)))) return;
    await unpublish(await sessions.database(serving.number));
  },
};
