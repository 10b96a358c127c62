import { setTimeout as delay } from "node:timers/promises";
import { unlessMissing } from "../engine/connect.ts";
import { isRunning, stopContainer } from "../engine/containers.ts";
import { applicationStopSeconds } from "../instance/containers.ts";
import { waitForDatabase } from "../instance/database-ready.ts";
import { paths } from "../instance/names.ts";
import { reviveApplication, reviveDatabase } from "../instance/ensure-running.ts";
import type { RollbackContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";
import { fence, liftFence } from "../postgres/replication.ts";
import { refuseUnhealthy } from "./migrate-candidate.ts";
import { retireGeneration } from "./stop-generation.ts";
import { releaseError } from "./start-candidate.ts";

/** What the kept application may take to boot, milliseconds. */
const bootLimit = 120_000;

/** What its process may take to import everything, milliseconds. */
const prepareLimit = 180_000;

/** What its database may take to start when it is only to be stopped again, milliseconds. */
const undoLimit = 60_000;

/** Brings the kept generation up beside the serving one, up to where its application would touch its database. */
export const resumePrevious: Step<RollbackContext> = {
  name: "resume-previous",

  async apply(context, signal) {
    const { instance, sessions, control, previous } = context;
    const { engine, names, configuration } = instance;
    await reviveDatabase(instance, previous, signal);
    // Looking for migrations is all it does there before the switch.
    await liftFence(await sessions.database(previous.number), configuration.database.role);
    await sessions.closeGeneration(previous.number);
    await unlessMissing(
      stopContainer(engine, names.application(previous.number), applicationStopSeconds),
    );
    await control.shell.run(`touch ${paths.slot(previous.slot)}/held-back`);
    await reviveApplication(instance, previous);
    const application = await sessions.application(previous.number);
    try {
      await application.prepare(AbortSignal.any([signal, AbortSignal.timeout(prepareLimit)]));
    } catch (error) {
      throw releaseError(error, previous.tag);
    }
  },

  async undo({ instance, sessions, previous }) {
    const { engine, names, configuration } = instance;
    if (await isRunning(engine, names.database(previous.number))) {
      // One that is still starting refuses whoever comes to fence it.
      await waitForDatabase(instance, previous.number, AbortSignal.timeout(undoLimit));
      await fence(await sessions.database(previous.number), configuration.database.role);
    }
    await retireGeneration(instance, sessions, previous.number);
  },
};

/** Waits until an application that was started again answers the pages anyone may see. */
export async function untilItAnswers(
  { sessions, previous }: Pick<RollbackContext, "sessions" | "previous">,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + bootLimit;
  const application = await sessions.application(previous.number);
  for (;;) {
    const pages = await application.knock(signal);
    if (pages.every(({ status }) => status === 200)) return;
    if (performance.now() > deadline) refuseUnhealthy(pages, previous.tag);
    await delay(50, undefined, { signal });
  }
}

/** The generation users have left is marked, so that nothing leads back to it. */
export const markAbandoned: Step<RollbackContext> = {
  name: "mark-abandoned",
  async apply(context) {
    const generations = context.state.generations.map((generation) =>
      generation.number === context.serving.number
        ? { ...generation, abandoned: true }
        : generation,
    );
    context.state = { ...context.state, generations };
    await context.control.writeState(context.state);
  },
};
