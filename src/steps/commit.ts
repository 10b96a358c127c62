import { endOtherNews } from "../messages/store.ts";
import { pointAt, pointers } from "../proxy/pointer.ts";
import type { Step } from "../runner/step.ts";
import type { ReleaseContext, SwitchContext } from "./context.ts";

/** The moment of the switch: one rename. The gates see it and send everybody on. */
export const commit: Step<Pick<SwitchContext, "control" | "hold" | "target">> = {
  name: "commit",
  gate: "closed",
  commit: true,

  async apply({ control, hold, target }) {
    // Nothing else belongs here: a failure after the rename must not undo what users already write to.
    await pointAt(control.shell, pointers.serving, `../slot-${target.slot}`, { durable: false });
    hold.stop();
  },
};

/** What goes with the pages: static files, whose pointer takes the first one to the disk with it, and what is new. */
export const switchStatic: Step<
  Pick<SwitchContext, "control" | "target"> & Pick<ReleaseContext, "release">
> = {
  name: "switch-static",

  async apply({ control, target, release }) {
    await pointAt(control.shell, pointers.static, `../slot-${target.slot}/static`);
    await endOtherNews(control, release);
  },
};
