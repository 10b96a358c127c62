import { join } from "node:path";
import { removeContainer, startContainer, stateOf } from "../engine/containers.ts";
import { lastLines } from "../engine/container-output.ts";
import { label, labelsOf } from "../engine/labels.ts";
import { holderOfName } from "../engine/named-lock.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { until } from "../lib/until.ts";
import { programHere } from "./program-container.ts";
import { programVersion } from "./program-version.ts";

/** What it may take to say that it is there. */
const startLimitMs = 60_000;

/** What it sets its restart policy to once it is there: then a reboot, too, starts it again. */
export const keptAlive = "unless-stopped";

/**
 * Lets the engine keep a program alive that runs the jobs when they are due, with the files and the user of
 * the command; an earlier one goes.
 * @throws UpdaterError `schedulerImpossible`
 */
export async function startScheduler(instance: Instance): Promise<void> {
  const { engine, name, names, configuration } = instance;
  try {
    const main = join(import.meta.dirname, "..", "scheduler", "main.ts");
    const program = await programHere(instance, main, [configuration.file], {
      UPDATER_SCHEDULER: names.scheduler,
    });
    if (!program) throw new Error("rootless");
    await stopScheduler(instance);
    await startContainer(engine, {
      ...program,
      name: names.scheduler,
      labels: { ...labelsOf(name, "scheduler"), [label.version]: await programVersion() },
      // Until it has begun: one that cannot even start is not to be tried for ever.
      restart: "no",
      log: { size: 10, files: 2 },
    });
    await untilItIsThere(instance);
  } catch (error) {
    await stopScheduler(instance).catch(() => undefined);
    if (error instanceof UpdaterError) throw error;
    throw new UpdaterError("schedulerImpossible", { reason: messageOf(error) }, error);
  }
}

async function untilItIsThere({ engine, names }: Instance): Promise<void> {
  const refused = async () => {
    const said = (await lastLines(engine, names.scheduler, 3)).join(" ");
    throw new Error(said || "it says nothing");
  };
  const there = async () => {
    const state = await stateOf(engine, names.scheduler);
    if (!state?.running) await refused();
    return state?.restart === keptAlive;
  };
  await until(there, { intervalMs: 50, limitMs: startLimitMs, otherwise: refused });
}

/** Ends it, at once: what it does can be taken up again at any instant. @returns whether there was one */
export async function stopScheduler({ engine, name, names }: Instance): Promise<boolean> {
  if (!(await holderOfName(engine, names.scheduler, name))) return false;
  await removeContainer(engine, names.scheduler);
  return true;
}

/** Whether it runs, and comes back after a reboot. */
export async function schedulerLives({ engine, names }: Instance): Promise<boolean> {
  const state = await stateOf(engine, names.scheduler);
  return state !== undefined && state.running && state.restart === keptAlive;
}

/** Whether it was started from the sources that are there now. */
export async function schedulerIsCurrent({ engine, names }: Instance): Promise<boolean> {
  const state = await stateOf(engine, names.scheduler);
  return state?.labels[label.version] === (await programVersion());
}
