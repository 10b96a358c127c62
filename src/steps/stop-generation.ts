import { unlessGone } from "../engine/connect.ts";
import { isRunning, setRestartPolicy } from "../engine/containers.ts";
import { endOffer } from "../instance/bare-metal.ts";
import { applicationStopSeconds, databaseStopSeconds } from "../instance/containers.ts";
import { removeGeneration, removeUnfinished, removeUnusedImages } from "../instance/prune.ts";
import { beyondRetention } from "../instance/retention.ts";
import { stopTelling } from "../instance/stop-container.ts";
import type { Generation } from "../instance/state.ts";
import type { CandidateContext, SwitchContext } from "./context.ts";
import type { Sessions } from "../runner/sessions.ts";
import type { Instance } from "../instance/instance.ts";
import type { Step } from "../runner/step.ts";
import { followedPlan, pauseFollowing } from "../postgres/follow/follower.ts";
import { slot } from "../postgres/follow/publication.ts";
import { dropSlot } from "../postgres/replication.ts";

type Left = Pick<SwitchContext, "instance" | "sessions" | "serving">;

/** Stops the generation that served until now, keeping its container and its data to return to. */
export const retireServing: Step<Left> = {
  name: "retire",
  async apply({ instance, sessions, serving }) {
    await stopGeneration(instance, sessions, serving.number);
  },
};

/** Stops the application that served until now; its database goes on where it follows. */
export const retireFollower: Step<Left> = {
  name: "retire",
  async apply({ instance, sessions, serving }) {
    await retireGeneration(instance, sessions, serving.number);
  },
};

export const applyRetention: Step<
  Pick<CandidateContext, "instance" | "control" | "state" | "candidate">
> = {
  name: "retention",
  async apply({ instance, control, state, candidate }) {
    const { remove, keep } = beyondRetention(
      state.current,
      candidate.number,
      instance.configuration.retention.generations,
    );
    // Forgotten first: a generation that is half deleted must not be offered to return to.
    await state.change((current) => ({ ...current, generations: keep }));
    for (const generation of remove) {
      await removeGeneration(instance, control, generation);
    }
    // One of which a death, or an error, has left a part.
    await removeUnfinished(instance, control, keep);
    await removeUnusedImages(instance, keep);
  },
};

/** Drops the slot that has no reader any more: it keeps its database's log. */
export const releaseClone: Step<Left & Pick<CandidateContext, "candidate">> = {
  name: "release-clone",
  async apply({ instance, sessions, serving, candidate }) {
    const { engine, names } = instance;
    // Done again after an updater's death, it may come after the database was retired.
    if (!(await isRunning(engine, names.database(serving.number)))) return;
    const database = await sessions.database(serving.number);
    await dropSlot(database, names.cloneSlot(candidate.number));
  },
};

/** The same before a return from a version that fails its probation: it serves, and has long been no standby. */
export const releaseLeftClone: Step<Left & { readonly previous: Pick<Generation, "number"> }> = {
  name: "release-clone",
  async apply({ instance, sessions, serving, previous }) {
    const { engine, names } = instance;
    if (!(await isRunning(engine, names.database(previous.number)))) return;
    await dropSlot(await sessions.database(previous.number), names.cloneSlot(serving.number));
  },
};

/** Stops a generation; the database of one that follows goes on, also after a reboot. */
export async function retireGeneration(
  instance: Instance,
  sessions: Sessions,
  generation: number,
): Promise<void> {
  const { engine, names } = instance;
  const follows =
    (await isRunning(engine, names.database(generation))) &&
    (await followedPlan(await sessions.database(generation))) !== undefined;
  if (!follows) return await stopGeneration(instance, sessions, generation);
  await sessions.closeGeneration(generation);
  await stop(instance, names.application(generation), applicationStopSeconds);
}

/**
 * Stops a generation that follows, for good: nothing is kept for it any more. What it would need to tell what a
 * rollback loses stays.
 */
export async function giveUpFollowing(
  instance: Instance,
  sessions: Sessions,
  serving: number,
  previous: number,
): Promise<void> {
  const { engine, names } = instance;
  const running = await isRunning(engine, names.database(previous));
  if (running && (await followedPlan(await sessions.database(previous)))) {
    await pauseFollowing(await sessions.database(previous));
  }
  await dropSlot(await sessions.database(serving), slot);
  await stopGeneration(instance, sessions, previous);
}

/** Stops the containers of a generation; a reboot no longer starts them. */
export async function stopGeneration(
  instance: Instance,
  sessions: Sessions,
  generation: number,
): Promise<void> {
  const { names } = instance;
  await sessions.closeGeneration(generation);
  await stop(instance, names.application(generation), applicationStopSeconds);
  await endOffer(instance, generation);
  await stop(instance, names.database(generation), databaseStopSeconds);
}

async function stop(instance: Instance, container: string, seconds: number): Promise<void> {
  // One may have been removed by hand, and a return makes it anew.
  await unlessGone(setRestartPolicy(instance.engine, container, "no"));
  await stopTelling(instance, container, seconds);
}
