import type { TableRollback } from "../postgres/rollback-classes.ts";
import { messageOf } from "../errors.ts";
import type { Database } from "../postgres/connect.ts";
import { isRunning } from "../engine/containers.ts";
import { lastLines } from "../engine/container-output.ts";
import type { Instance } from "../instance/instance.ts";
import { windowEnd } from "../instance/retention.ts";
import type { Generation } from "../instance/state.ts";
import { followedPlan } from "../postgres/follow/follower.ts";
import { type Following, followingState } from "../postgres/follow/health.ts";
import { lastDatabaseError } from "../postgres/errors-in-log.ts";
import { Sessions } from "../runner/sessions.ts";

/** What a rollback finds at this moment. */
export interface WayBack {
  /** Of the generation it leads to. */
  readonly tag: string;
  /** Null: its database does not follow, and has nothing of what was written since the swap. */
  readonly following: Following | null;
  /** Why it has stopped, in the database's words. */
  readonly reason: string | null;
  /** Tables of which not everything that is written can be kept. */
  readonly notLossless: readonly TableRollback[];
  /** When it may stop following (ISO 8601). */
  readonly until: string;
}

/** How well the generation kept follows the serving one; undefined when none is kept. */
export async function wayBack(
  instance: Instance,
  serving: Generation,
  previous: Generation | undefined,
): Promise<WayBack | undefined> {
  if (!previous) return undefined;
  const { engine, names, configuration } = instance;
  const back = {
    tag: previous.tag,
    until: windowEnd(serving, configuration.rollback.windowMs),
    following: null,
    reason: null,
    notLossless: [],
  };
  const running = await Promise.all(
    [serving, previous].map(async ({ number }) => await isRunning(engine, names.database(number))),
  );
  if (running.includes(false)) return back;
  await using sessions = new Sessions(instance);
  let old: Database;
  try {
    old = await sessions.database(previous.number);
  } catch (error) {
    // What leads to a machine runs whether or not its PostgreSQL does.
    if (!previous.bareMetal) throw error;
    return { ...back, reason: messageOf(error) };
  }
  const followed = await followedPlan(old);
  if (!followed) return back;
  const now = await sessions.database(serving.number);
  const { plan } = followed;
  const following = await followingState(now, old, plan);
  const reason = following.state === "stopped" ? await reasonOf(instance, previous) : null;
  return { ...back, following, reason, notLossless: plan.notLossless };
}

/** It tries again and again: what it says last is what stops it. */
async function reasonOf({ engine, names }: Instance, { number }: Generation) {
  return lastDatabaseError(await lastLines(engine, names.database(number), 100)) ?? null;
}
