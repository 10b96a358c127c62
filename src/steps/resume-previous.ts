import { isRunning } from "../engine/containers.ts";
import { applicationStopSeconds } from "../instance/containers.ts";
import { waitForDatabase } from "../instance/database-ready.ts";
import { paths } from "../instance/names.ts";
import { holdBack } from "../instance/slot.ts";
import { stopTelling } from "../instance/stop-container.ts";
import { fromNow } from "../instance/waiting.ts";
import type { Wait } from "../text/catalogue.ts";
import { ensureApplicationRuns, ensureDatabaseRuns } from "../instance/ensure-running.ts";
import type { OperationContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";
import { liftFence } from "../postgres/replication.ts";
import type { Generation } from "../instance/state.ts";
import type { SwitchContext } from "./context.ts";
import { retireGeneration } from "./stop-generation.ts";
import { releaseError } from "./start-candidate.ts";
import { fenceTelling } from "./tell-database.ts";

/** What its database may take to start when it is only to be stopped again. */
const undoLimitMs = 60_000;

type Previous = Pick<OperationContext, "instance" | "sessions" | "control"> & {
  readonly previous: Generation;
};

/** Brings the kept generation up beside the serving one, up to where its application would touch its database. */
export const resumePrevious: Step<Previous, Previous> = {
  name: "resume-previous",

  async apply(context, signal) {
    const { instance, sessions, control, previous } = context;
    const { names, configuration } = instance;
    await ensureDatabaseRuns(instance, previous, signal);
    // Looking for migrations is all it does there before the switch.
    await liftFence(await sessions.database(previous.number), configuration.database.role);
    await sessions.closeGeneration(previous.number);
    await stopTelling(instance, names.application(previous.number), applicationStopSeconds);
    await holdBack(control.shell, paths.slot(previous.slot));
    await ensureApplicationRuns(instance, previous);
    const application = await sessions.application(previous.number);
    try {
      await application.prepare(signal);
    } catch (error) {
      throw releaseError(error, previous.tag);
    }
  },

  async undo({ instance, sessions, previous }) {
    const { engine, names } = instance;
    if (await isRunning(engine, names.database(previous.number))) {
      // One that is still starting refuses the connection that is to fence it.
      await waitForDatabase(instance, previous.number, undefined, { limitMs: undoLimitMs });
      await fenceTelling(instance, previous.number, await sessions.database(previous.number));
    }
    await retireGeneration(instance, sessions, previous.number);
  },
};

/** What an application is to answer, as what is waited for from now on. */
export function answerOf(
  { configuration }: Pick<Previous["instance"], "configuration">,
  { tag }: Pick<Generation, "tag">,
): () => Wait {
  const since = fromNow();
  return () => ({ kind: "pages", since, tag, pages: configuration.probe.anonymousPages });
}

/** The generation users have left is marked, so that nothing leads back to it. */
export const markAbandoned: Step<Pick<SwitchContext, "state" | "serving">> = {
  name: "mark-abandoned",
  async apply({ state, serving }) {
    await state.change((current) => ({
      ...current,
      generations: current.generations.map((generation) =>
        generation.number === serving.number ? { ...generation, abandoned: true } : generation,
      ),
    }));
  },
};
