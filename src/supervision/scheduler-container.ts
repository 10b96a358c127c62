import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import { removeContainer, stateOf } from "../engine/containers.ts";
import { lastLines } from "../engine/container-output.ts";
import { label, labelsOf } from "../engine/labels.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { programHere } from "./program-container.ts";

/** What it may take to say that it is there, milliseconds. */
const startLimit = 60_000;

/** What it sets its restart policy to once it is there: then a reboot, too, starts it again. */
export const keptAlive = "unless-stopped";

/**
 * Lets the engine keep a program alive that runs the jobs when they are due, with the files and the user of
 * whoever asks; an earlier one goes.
 * @throws UpdaterError `schedulerImpossible`
 */
export async function startScheduler(instance: Instance): Promise<void> {
  const { engine, name, names, configuration } = instance;
  try {
    const program = await programHere(
      instance,
      join(import.meta.dirname, "..", "scheduler", "main.ts"),
      [configuration.file],
    );
    if (!program) throw new Error("rootless");
    await stopScheduler(instance);
    const container = await engine.createContainer({
      ...program,
      name: names.scheduler,
      Env: [...(program.Env ?? []), `UPDATER_SCHEDULER=${names.scheduler}`],
      Labels: labelsOf(name, "scheduler"),
      HostConfig: {
        ...program.HostConfig,
        // Until it has begun: one that cannot even start is not to be tried for ever.
        RestartPolicy: { Name: "no" },
        LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "2" } },
      },
    });
    await container.start();
    await untilItIsThere(instance);
  } catch (error) {
    await stopScheduler(instance).catch(() => undefined);
    if (error instanceof UpdaterError) throw error;
    throw new UpdaterError("schedulerImpossible", { reason: messageOf(error) }, error);
  }
}

async function untilItIsThere({ engine, names }: Instance): Promise<void> {
  const deadline = performance.now() + startLimit;
  for (;;) {
    const state = await stateOf(engine, names.scheduler);
    if (state?.running && state.restart === keptAlive) return;
    if (!state?.running || performance.now() > deadline) {
      throw new Error((await lastLines(engine, names.scheduler, 3)).join(" "));
    }
    await delay(50);
  }
}

/** Ends it, at once: what it does can be taken up again at any instant. @returns whether there was one */
export async function stopScheduler({ engine, name, names }: Instance): Promise<boolean> {
  const state = await stateOf(engine, names.scheduler);
  if (!state) return false;
  if (state.labels[label.instance] !== name) {
    throw new UpdaterError("foreignContainer", { container: names.scheduler });
  }
  await removeContainer(engine, names.scheduler);
  return true;
}

/** Whether it runs, and comes back after a reboot. */
export async function schedulerLives({ engine, names }: Instance): Promise<boolean> {
  const state = await stateOf(engine, names.scheduler);
  return state !== undefined && state.running && state.restart === keptAlive;
}
