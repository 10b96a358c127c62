import { unlessMissing } from "../engine/connect.ts";
import { isRunning, setRestartPolicy, stopContainer } from "../engine/containers.ts";
import { applicationStopSeconds, databaseStopSeconds } from "../instance/containers.ts";
import { removeGeneration, removeUnusedImages } from "../instance/prune.ts";
import { beyondRetention } from "../instance/retention.ts";
import type { MoveContext, SwapContext } from "../operations/context.ts";
import type { Sessions } from "../operations/sessions.ts";
import type { Instance } from "../instance/instance.ts";
import type { Step } from "../operations/step.ts";
import { dropSlot } from "../postgres/replication.ts";
import { removeGates } from "./start-gates.ts";

/** The gates are empty moments after the switch. */
export const stopGates: Step<MoveContext> = {
  name: "stop-gates",
  apply: removeGates,
};

/** Stops the generation that served until now, keeping its container and its data to return to. */
export const retireServing: Step<MoveContext> = {
  name: "retire",
  async apply({ instance, sessions, serving }) {
    await stopGeneration(instance, sessions, serving.number);
  },
};

/** Removes what the retention policy does not keep. */
export const applyRetention: Step<SwapContext> = {
  name: "retention",
  async apply(context) {
    const { instance, control, candidate } = context;
    const { remove, keep } = beyondRetention(
      context.state,
      candidate.number,
      instance.configuration.retention.generations,
    );
    // Forgotten first: a generation that is half deleted must not be offered to return to.
    context.state = { ...context.state, generations: keep };
    await control.writeState(context.state);
    for (const generation of remove) {
      await removeGeneration(instance, control.shell, generation);
    }
    await removeUnusedImages(instance, keep);
  },
};

/** Drops the slots that nobody reads any more: each keeps its database's log. */
export const releaseClone: Step<SwapContext> = {
  name: "release-clone",
  async apply({ instance, sessions, state, serving, candidate }) {
    const { engine, names, configuration } = instance;
    // Done again after an updater's death, it may come after the database was retired.
    if (!(await isRunning(engine, names.database(serving.number)))) return;
    const database = await sessions.database(serving.number);
    await dropSlot(database, names.cloneSlot(candidate.number));
    const { keep } = beyondRetention(state, candidate.number, configuration.retention.generations);
    // What the generation left wrote counts only while one can go back beyond it.
    if (!keep.some(({ number }) => number === serving.previous)) {
      await dropSlot(database, names.changesSlot);
    }
  },
};

/** Stops the containers of a generation; a reboot no longer starts them. */
export async function stopGeneration(
  instance: Instance,
  sessions: Sessions,
  generation: number,
): Promise<void> {
  const { engine, names } = instance;
  await sessions.closeGeneration(generation);
  for (const [container, seconds] of [
    [names.application(generation), applicationStopSeconds],
    [names.database(generation), databaseStopSeconds],
  ] as const) {
    // Somebody may have removed one by hand, and a return makes it anew.
    await unlessMissing(setRestartPolicy(engine, container, "no"));
    await stopContainer(engine, container, seconds);
  }
}
