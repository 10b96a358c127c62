import type { Instance } from "../instance/instance.ts";
import { fromNow, tellWaiting, waitTelling } from "../instance/waiting.ts";
import { blockerOf, type BlockingSession, type Waiting } from "../postgres/blockers.ts";
import type { Database } from "../postgres/connect.ts";
import { untilApplying } from "../postgres/follow/follower.ts";
import { catchUp, fence } from "../postgres/replication.ts";
import type { Wait } from "../text/catalogue.ts";

type Site = Pick<Instance, "names" | "reporter" | "configuration">;

/** A session of a generation's database, as what is waited for. */
export function sessionOf(
  { names }: Pick<Instance, "names">,
  generation: number,
  session: BlockingSession | undefined,
): Wait | undefined {
  return session && { kind: "session", container: names.database(generation), ...session };
}

/** Looks who keeps anybody waiting in a generation's database. */
export function blockerIn(
  site: Pick<Instance, "names">,
  generation: number,
  database: Database,
  waiting: Waiting = { database: true },
): () => Promise<Wait | undefined> {
  return async () => sessionOf(site, generation, await blockerOf(database, waiting));
}

/** Log that a generation's database has still to take in, as what is waited for from now on. */
export function lagOf(
  { names }: Pick<Instance, "names">,
  generation: number,
): (bytes: number | null) => Wait {
  const since = fromNow();
  return (bytes) => ({ kind: "log", since, container: names.database(generation), bytes });
}

/** `catchUp` of a generation's standby, which tells what is left where it lasts. */
export async function catchUpTelling(
  site: Site,
  { generation, standby, position }: { generation: number; standby: Database; position: string },
  options: { readonly limitMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const lag = lagOf(site, generation);
  await waitTelling(site.reporter, async (found) => {
    await catchUp(standby, position, { ...options, onLag: (bytes) => found(lag(bytes)) });
  });
}

/** `untilApplying` of a generation's database, which tells that it has not begun where that lasts. */
export async function applyTelling(
  site: Site,
  generation: number,
  database: Database,
  signal: AbortSignal,
): Promise<void> {
  const lag = lagOf(site, generation);
  await tellWaiting(site.reporter, () => lag(null), untilApplying(database, signal));
}

/** `fence` of a generation's database, which tells whose session does not end. */
export async function fenceTelling(
  site: Site,
  generation: number,
  database: Database,
  signal?: AbortSignal,
): Promise<void> {
  const { role } = site.configuration.database;
  await waitTelling(site.reporter, async (found) => {
    await fence(database, role, {
      container: site.names.database(generation),
      ...(signal && { signal }),
      onSession: (session) => found(sessionOf(site, generation, session)),
    });
  });
}
