import { join } from "node:path";
import { isRunning } from "../engine/containers.ts";
import { execute } from "../engine/exec.ts";
import { UpdaterError } from "../errors.ts";
import { endStandIn, type StandIn, startStandIn } from "../instance/bare-metal.ts";
import { startApplication, startDatabase } from "../instance/containers.ts";
import { waitForDatabase } from "../instance/database-ready.ts";
import type { Instance } from "../instance/instance.ts";
import { paths } from "../instance/names.ts";
import { prepareSlot } from "../instance/slot.ts";
import type { BareMetal, Generation } from "../instance/state.ts";
import { until } from "../lib/until.ts";
import { valueOf } from "../postgres/connect.ts";
import { pointAt, pointers } from "../proxy/pointer.ts";
import type { Step } from "../runner/step.ts";
import { candidateParts, type NewReleaseContext } from "../steps/context.ts";
import { refuseUnhealthy } from "../steps/migrate-candidate.ts";

/** Milliseconds in which the place of gunicorn's socket must have been taken. */
const placeLimitMs = 60_000;

/** Seconds in which gunicorn must let somebody in. */
const answerLimitSeconds = 30;

/** Steps that make a site that was installed by hand the first generation. */
export interface AdoptContext extends NewReleaseContext {
  readonly bareMetal: BareMetal;
}

/** Leads to the site's gunicorn and to its database, from where the updater looks for them; nobody comes by there yet. */
export const reachBareMetal: Step<AdoptContext, Pick<StandInContext, "instance" | "standIn">> = {
  name: "reach-bare-metal",

  async apply(context, signal) {
    const { instance, control, sessions, bareMetal, release, state } = context;
    const parts = { ...candidateParts(context), bareMetal };
    await startDatabase(instance, parts);
    await waitForDatabase(instance, parts.number, signal);
    // As its superuser, whose rights the move takes.
    await valueOf(await sessions.database(parts.number), "SELECT 1");
    const slot = paths.slot(parts.slot);
    await prepareSlot(control.shell, slot);
    // It boots nothing, and waits for nobody.
    await control.shell.run('rm "$1/held-back"', slot);
    await startApplication(instance, parts);
    const application = await sessions.application(parts.number);
    await application.serve(answerLimitSeconds, signal);
    refuseUnhealthy(await application.ping(signal), release.tag);
    const generation: Generation = {
      ...parts,
      tag: release.tag,
      commit: release.commit,
      localCommit: release.local.commit,
      createdAt: new Date().toISOString(),
      previous: null,
      abandoned: false,
    };
    await state.change((current) => ({
      ...current,
      nextGeneration: parts.number + 1,
      generations: [generation],
    }));
    await pointAt(control.shell, pointers.static, `../slot-${parts.slot}/static`);
    await pointAt(control.shell, pointers.serving, `../slot-${parts.slot}`);
  },

  // What is made with the instance goes with it; whoever stands in gives gunicorn its place back first.
  async undo({ instance, standIn: there }) {
    await endStandIn(instance, there, { never: true });
  },
};

/** What it takes to stand in: what the state tells as well. */
export type StandInContext = Pick<AdoptContext, "instance" | "candidate"> & {
  readonly standIn: StandIn;
};

/** From here on users come by the proxy. */
export const standIn: Step<StandInContext> = {
  name: "stand-in",
  commit: { reached: async ({ instance }) => await standsIn(instance) },

  async apply({ instance, standIn: leading }) {
    const { folder, name } = leading.bareMetal.socket;
    if (!(await isRunning(instance.engine, instance.names.standIn))) {
      await startStandIn(instance, leading);
    }
    const otherwise = () => {
      const facts = { path: join(folder, name), seconds: placeLimitMs / 1000 };
      throw new UpdaterError("placeNotTaken", facts);
    };
    const limit = { intervalMs: 50, limitMs: placeLimitMs, otherwise };
    await until(async () => await standsIn(instance), limit);
  },
};

/** Whether the path that the machine's web server asks leads to us. */
async function standsIn({ engine, names }: Instance): Promise<boolean> {
  if (!(await isRunning(engine, names.standIn))) return false;
  const look = ["sh", "-c", '[ "$FOLDER/$NAME" -ef "$FOLDER/.$NAME.updater" ]'];
  // One that has just ended stands nowhere.
  const looked = execute(engine, names.standIn, look).catch(() => undefined);
  return (await looked)?.status === 0;
}
