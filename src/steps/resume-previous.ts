import { setTimeout as delay } from "node:timers/promises";
import { execute } from "../engine/exec.ts";
import { isRunning } from "../engine/containers.ts";
import { UpdaterError } from "../errors.ts";
import { waitForDatabase } from "../instance/database-ready.ts";
import { reviveApplication, reviveDatabase } from "../instance/revive.ts";
import type { MoveContext, RollbackContext } from "../operations/context.ts";
import type { Step } from "../operations/step.ts";
import { accountedFor, countChanges, type TableChanges } from "../postgres/changes.ts";
import { fence, liftFence } from "../postgres/replication.ts";
import { refuseUnhealthy } from "./migrate-candidate.ts";
import { stopGeneration } from "./retire.ts";

/** What the kept application may take to boot, milliseconds. */
const bootLimit = 120_000;

/** What its database may take to start when it is only to be stopped again, milliseconds. */
const undoLimit = 60_000;

/** Brings the kept generation up beside the serving one: nobody is sent to it yet. */
export const resumePrevious: Step<RollbackContext> = {
  name: "resume-previous",

  async apply(context, signal) {
    const { instance, sessions, previous } = context;
    const { engine, names, configuration } = instance;
    await reviveDatabase(instance, previous, signal);
    // Its application boots against its own database, and booting writes.
    await liftFence(await sessions.database(previous.number), configuration.database.role);
    await reviveApplication(instance, previous);
    await untilItAnswers(context, signal);
    // Pages cached from before the swap.
    await execute(engine, names.application(previous.number), [
      "find",
      "/var/tmp/django_cache",
      "-mindepth",
      "1",
      "-delete",
    ]);
  },

  async undo({ instance, sessions, previous, previousWasRunning }) {
    const { engine, names, configuration } = instance;
    if (await isRunning(engine, names.database(previous.number))) {
      // One that is still starting refuses whoever comes to fence it.
      await waitForDatabase(instance, previous.number, AbortSignal.timeout(undoLimit));
      await fence(await sessions.database(previous.number), configuration.database.role);
    }
    if (!previousWasRunning) await stopGeneration(instance, sessions, previous.number);
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

/** Nothing may have been written since the operator was told that nothing would be lost. */
export const countLost: Step<RollbackContext> = {
  name: "count-lost",
  gate: "closed",

  async apply(context) {
    const lost = await changesSinceSwap(context);
    context.lost = lost;
    if (context.acceptDataLoss || (lost && accountedFor(lost, context.ownWrites))) return;
    throw new UpdaterError("rollbackLosesData", {
      tag: context.previous.tag,
      changes: lost ?? null,
    });
  },
};

/** What a return to the kept generation would lose; undefined when nobody can tell any more. */
export async function changesSinceSwap({
  instance,
  sessions,
  serving,
}: Pick<MoveContext, "instance" | "sessions" | "serving">): Promise<TableChanges[] | undefined> {
  const database = await sessions.database(serving.number);
  return await countChanges(database, instance.names.changesSlot);
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
