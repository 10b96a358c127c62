import { paths } from "../instance/names.ts";
import { fromNow, waitTelling } from "../instance/waiting.ts";
import type { Step } from "../runner/step.ts";
import { drain } from "../proxy/drain.ts";
import { gateTarget, pointAt, pointers } from "../proxy/pointer.ts";
import type { SwitchContext } from "./context.ts";

/** From here on requests wait; those already inside the application are answered first. */
export const closeGate: Step<SwitchContext, Pick<SwitchContext, "control" | "hold" | "serving">> = {
  name: "close-gate",
  gate: "closed",

  async apply({ instance, control, sessions, hold, serving }, signal) {
    // Opened before users wait.
    const proxy = await sessions.proxy();
    hold.start();
    // A power cut right now must find users in front of an application, not of a gate.
    await pointAt(control.shell, pointers.serving, gateTarget, { durable: false });
    const since = fromNow();
    await waitTelling(instance.reporter, async (found) => {
      await drain(proxy, `${paths.slot(serving.slot)}/app.sock`, {
        signal,
        limitMs: instance.configuration.hold.drainMs,
        onOpen: (count) => found({ kind: "requests", since, count }),
      });
    });
  },

  async undo({ control, hold, serving }) {
    await pointAt(control.shell, pointers.serving, `../slot-${serving.slot}`);
    hold.stop();
  },
};
