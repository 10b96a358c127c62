import { filesAsked } from "../adoption/stand-in.ts";
import { UpdaterError } from "../errors.ts";
import { leaveNoStandIn } from "../instance/bare-metal.ts";
import { reportStep } from "../instance/events.ts";
import { removeInstance } from "../instance/destroy.ts";
import { findLock, lockedBy } from "../instance/instance-lock.ts";
import { releaseMachine } from "../operations/finish-adoption.ts";
import { findInstance } from "../instance/read-instance.ts";
import { type Command, openInstance } from "./command.ts";

export const destroyCommand =
  ({ yes }: { yes?: string }): Command =>
  async (environment) => {
    const instance = await openInstance(environment, { recover: false, changes: true });
    const { engine, name } = instance;
    if (yes !== name) throw new UpdaterError("destroyUnconfirmed", { instance: name });
    const lock = await findLock(engine, name);
    if (lock?.running) throw lockedBy(name, lock);
    // A state that is damaged tells of no gunicorn either.
    const view = await findInstance(engine, name).catch(() => undefined);
    await reportStep(environment.reporter, "remove-instance", async () => {
      if (view) {
        const asked = await filesAsked(view.state, environment.signal);
        const error = new UpdaterError("filesAsked", { places: asked });
        if (asked.length > 0) environment.reporter.event({ type: "warning", error });
        await releaseMachine(instance, view.state);
        await leaveNoStandIn(instance, view.state);
      }
      await removeInstance(instance);
    });
    environment.print(environment.catalogue.cli.destroyed(name), {
      type: "destroyed",
      instance: name,
    });
  };
