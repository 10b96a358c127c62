import { until } from "../../lib/until.ts";
import { escapeLiteral as text } from "pg";
import { UpdaterError } from "../../errors.ts";
import { type Database, hasRows, majorOf, valueOf } from "../connect.ts";
import { endProcesses } from "../end-processes.ts";
import type { OnLag } from "../replication.ts";
import { inTransaction } from "../transaction.ts";
import { followSchema } from "./apply-triggers.ts";
import type { FollowPlan } from "./plan.ts";
import { publication, slot } from "./publication.ts";
import { bookkeeping, shapeStatements, unshapeStatements } from "./subscriber-schema.ts";

/** Of the previous database, which has no other users: `updater_follow`, in the schema of that name. */
export const subscription = "updater_follow";

/**
 * Makes the previous database follow the serving one from the slot's position on.
 * @param source how it reaches the serving database, for libpq
 */
export async function startFollowing(
  previous: Database,
  plan: FollowPlan,
  source: string,
): Promise<void> {
  // Newer ones would apply as whoever a table belongs to, who may not write down what was refused.
  const asWe = (await majorOf(previous)) >= 16 ? ", run_as_owner = true" : "";
  await inTransaction(previous, async () => {
    for (const statement of [...bookkeeping, ...shapeStatements(plan)]) {
      await previous.query(statement);
    }
    await previous.query(`INSERT INTO ${followSchema}.plan VALUES (true, $1)`, [
      JSON.stringify(plan),
    ]);
    await previous.query(
      `CREATE SUBSCRIPTION ${subscription} CONNECTION ${text(source)} PUBLICATION ${publication}
         WITH (create_slot = false, slot_name = ${slot}, copy_data = false${asWe})`,
    );
  });
}

export async function follows(previous: Database, source: string): Promise<boolean> {
  const following = "SELECT FROM pg_subscription WHERE subname = $1 AND subconninfo = $2";
  return await hasRows(previous, following, [subscription, source]);
}

/** Milliseconds that a worker may take to be started: five seconds lie between two of them. */
const workerLimitMs = 7_000;

/** The same once what starts workers was ended: the database lets five seconds pass before it has another. */
const launcherLimitMs = 10_000;

/**
 * Waits until a worker applies what is written, for as long as that should take. What starts workers (the launcher)
 * reckons by the clock from the last one it started: where the clock was set back since, it waits until that moment comes
 * again, be it in a month, and is made anew.
 */
export async function untilApplying(previous: Database, signal: AbortSignal): Promise<void> {
  const working =
    "SELECT FROM pg_stat_subscription WHERE subname = $1 AND relid IS NULL AND pid IS NOT NULL";
  const applies = async () => await hasRows(previous, working, [subscription]);
  const look = { intervalMs: 50, signal };
  const restartLauncher = async () => {
    await previous.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'logical replication launcher'",
    );
    await until(applies, { ...look, limitMs: launcherLimitMs, otherwise: () => undefined });
  };
  await until(applies, { ...look, limitMs: workerLimitMs, otherwise: restartLauncher });
}

export interface Followed {
  /** Whether its tables have the shape in which they follow. */
  readonly shaped: boolean;
  readonly plan: FollowPlan;
}

/** The plan a database follows by; undefined when it follows none. */
export async function followedPlan(previous: Database): Promise<Followed | undefined> {
  const there = "SELECT FROM pg_tables WHERE schemaname = $1 AND tablename = 'plan'";
  if (!(await hasRows(previous, there, [followSchema]))) return undefined;
  const { rows } = await previous.query<Followed>(`SELECT shaped, plan FROM ${followSchema}.plan`);
  return rows[0];
}

/** Milliseconds in which a worker that was ended must be gone. */
const restLimitMs = 60_000;

/**
 * Lets nothing arrive any more until `resumeFollowing`; returns once the worker that applied has ended.
 * @throws UpdaterError `followerGoesOn`
 */
export async function pauseFollowing(previous: Database, name = subscription): Promise<void> {
  await previous.query(`ALTER SUBSCRIPTION ${name} DISABLE`);
  // The worker would notice within a second, in which users may be waiting.
  const working = "SELECT pid FROM pg_stat_subscription WHERE subname = $1 AND pid IS NOT NULL";
  const rests = async () => (await endProcesses(previous, working, [name], 5000)) === 0;
  const otherwise = () => {
    throw new UpdaterError("followerGoesOn", { seconds: restLimitMs / 1000 });
  };
  await until(rests, { intervalMs: 5, limitMs: restLimitMs, otherwise });
}

export async function resumeFollowing(previous: Database): Promise<void> {
  await previous.query(`ALTER SUBSCRIPTION ${subscription} ENABLE`);
}

/** Gives the tables their own names and columns back, in the transaction of the caller. */
export async function unshape(previous: Database, plan: FollowPlan): Promise<void> {
  for (const statement of unshapeStatements(plan)) await previous.query(statement);
  await previous.query(`UPDATE ${followSchema}.plan SET shaped = false`);
}

/** Undoes `unshape`. */
export async function reshape(previous: Database, plan: FollowPlan): Promise<void> {
  await inTransaction(previous, async () => {
    for (const statement of shapeStatements(plan)) await previous.query(statement);
    await previous.query(`UPDATE ${followSchema}.plan SET shaped = true`);
  });
}

/** Forgets that the database ever followed: its tables must have their own shape again. Safe to repeat. */
export async function endFollowing(previous: Database): Promise<void> {
  await endSubscription(previous, subscription);
  await previous.query(`DROP SCHEMA IF EXISTS ${followSchema} CASCADE`);
}

/** Takes in nothing more by a subscription, should it be there; its slot is left to the database that has it. */
export async function endSubscription(database: Database, name: string): Promise<void> {
  const subscribed = "SELECT FROM pg_subscription WHERE subname = $1";
  if (!(await hasRows(database, subscribed, [name]))) return;
  await pauseFollowing(database, name);
  // The slot is the serving database's to drop: it may be gone, or out of reach.
  await database.query(`ALTER SUBSCRIPTION ${name} SET (slot_name = NONE)`);
  await database.query(`DROP SUBSCRIPTION ${name}`);
}

/**
 * Waits until a database has taken in everything up to a position of the one it follows.
 * @param options.onLag is told at each look how many bytes are left
 * @param options.by its subscription, where that is another one
 * @throws UpdaterError `followerLags` after `limitMs`
 */
export async function followedUpTo(
  previous: Database,
  position: string,
  {
    limitMs,
    signal,
    onLag,
    by = subscription,
  }: { limitMs: number; signal: AbortSignal; onLag?: OnLag; by?: string },
): Promise<void> {
  const left = `SELECT greatest($2::pg_lsn - latest_end_lsn, 0) FROM pg_stat_subscription
    WHERE subname = $1 AND relid IS NULL AND latest_end_lsn IS NOT NULL`;
  let bytes: number | null = null;
  const otherwise = () => {
    throw new UpdaterError("followerLags", { seconds: limitMs / 1000, bytes });
  };
  const caughtUp = async () => {
    const found = await valueOf(previous, left, [by, position]);
    bytes = found === undefined ? null : Number(found);
    if (bytes !== null) onLag?.(bytes);
    return bytes === 0;
  };
  await until(caughtUp, { intervalMs: 10, limitMs, otherwise, signal });
}
