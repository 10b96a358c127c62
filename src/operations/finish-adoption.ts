import { leaveNoStandIn } from "../instance/bare-metal.ts";
import { ensureDatabaseRuns } from "../instance/ensure-running.ts";
import type { Instance } from "../instance/instance.ts";
import { type Control, withInstanceLock } from "../instance/instance-lock.ts";
import { removeGeneration } from "../instance/prune.ts";
import { readInstance } from "../instance/read-instance.ts";
import { startingGeneration } from "../instance/serving.ts";
import { StateStore } from "../instance/state-store.ts";
import type { BareMetal, Generation, State } from "../instance/state.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import { neededToTidy } from "../instance/retention.ts";
import { liftFence } from "../postgres/replication.ts";
import { asUpdaterError } from "../runner/known-error.ts";
import { ensureService } from "../move-in/machine-service.ts";
import { giveCronBack } from "../move-in/cron.ts";
import { endCopying, slotOf } from "../postgres/live-copy.ts";
import { unpublish } from "../postgres/follow/publication.ts";
import { stopFollowing } from "../reverse-replication/start-reverse-replication.ts";
import { Sessions } from "../runner/sessions.ts";
import { stopGeneration } from "../steps/stop-generation.ts";

/** Milliseconds that the machine's database may take to answer. */
const answerLimitMs = 30_000;

/** The generation that leads to what was installed by hand, of a site that has moved. */
export type Former = Generation & { readonly bareMetal: BareMetal };

/** @throws UpdaterError `standsInNowhere` */
export function formerOf({ generations, instance }: State): Former {
  const found = generations.find(({ bareMetal }) => bareMetal);
  if (!found?.bareMetal) throw new UpdaterError("standsInNowhere", { instance });
  return { ...found, bareMetal: found.bareMetal };
}

/**
 * Before an instance goes: the database of the machine that it was adopted on, or has come from, follows none any more, has its
 * own shape and is open to BiomAid again. Safe to repeat.
 */
export async function releaseMachine(instance: Instance, { generations }: State): Promise<void> {
  const bare = generations.find(({ bareMetal }) => bareMetal);
  if (!bare) return;
  await giveCronBack(instance, bare.bareMetal);
  await using sessions = new Sessions(instance);
  const { name: database, role } = instance.configuration.database;
  const warn = (code: "machineNotReleased" | "copyNotEnded", cause: unknown) => {
    const facts = { database, role, slot: slotOf(instance.name), reason: messageOf(cause) };
    const error = new UpdaterError(code, facts, cause);
    instance.reporter.event({ type: "warning", error });
  };
  try {
    await ensureDatabaseRuns(instance, bare);
    await stopFollowing(sessions, bare.number);
    await liftFence(await sessions.database(bare.number), role);
    await ensureService(instance, bare.bareMetal);
  } catch (cause) {
    // It may be gone, with all that was in it.
    warn("machineNotReleased", cause);
  }
  // Last, and by itself: users need none of it.
  try {
    await endCopying(await sessions.database(bare.number));
  } catch (cause) {
    warn("copyNotEnded", cause);
  }
}

/**
 * Ends what ties a site that has moved to where it came from: its database there takes in nothing more and gets its own shape
 * back, closed as it is; a rollback leads there no longer. Safe to repeat.
 * @param options.leave nobody comes by gunicorn's socket any more: it gets its place back, and all is forgotten
 * @throws UpdaterError `standsInNowhere`, `standsInOnly` where nothing has moved, `locked`, `unfinished`
 */
export async function finishAdoption(
  instance: Instance,
  { leave }: { readonly leave: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { engine, name } = instance;
  const { state: seen } = await readInstance(engine, name);
  const lock = { instance: name, image: seen.proxyImage, operation: "adopt --finish" };
  await withInstanceLock(engine, lock, async (control) => {
    const view = await readInstance(engine, name);
    const serving = startingGeneration(view);
    const former = formerOf(view.state);
    if (view.toTidy && neededToTidy(view).has(former.number)) {
      throw new UpdaterError("unfinished", view.toTidy);
    }
    const state = new StateStore(control, view.state);
    await using sessions = new Sessions(instance);
    const ended = await endReturn({ instance, sessions, state }, serving, former, signal);
    // As long as something is left to be done there, it is not forgotten.
    if (leave && ended) await forget(instance, control, state, former);
  });
}

async function endReturn(
  {
    instance,
    sessions,
    state,
  }: { readonly instance: Instance; readonly sessions: Sessions; readonly state: StateStore },
  serving: Generation,
  former: Former,
  signal: AbortSignal,
): Promise<boolean> {
  // Forgotten first: a way back that is half gone must not be offered.
  await state.change((current) => ({
    ...current,
    generations: current.generations.map((one) =>
      one.previous === former.number ? { ...one, previous: null } : one,
    ),
  }));
  let ended = true;
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(answerLimitMs)]);
    await ensureDatabaseRuns(instance, former, limit);
    await stopFollowing(sessions, former.number);
  } catch (error) {
    signal.throwIfAborted();
    ended = false;
    instance.reporter.event({ type: "warning", error: asUpdaterError(error) });
  }
  await stopGeneration(instance, sessions, former.number);
  const another = serving.previous !== null && serving.previous !== former.number;
  // Of a later swap it is the version left that follows.
  if (!another) await unpublish(await sessions.database(serving.number));
  return ended;
}

async function forget(
  instance: Instance,
  control: Control,
  state: StateStore,
  former: Former,
): Promise<void> {
  await leaveNoStandIn(instance, { ...state.current, generations: [former] });
  await state.change((current) => ({
    ...current,
    generations: current.generations.filter(({ number }) => number !== former.number),
  }));
  await removeGeneration(instance, control, former);
}
