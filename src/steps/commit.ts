import { endOtherNews } from "../messages/store.ts";
import { readControl } from "../instance/read-instance.ts";
import { pointAt, pointers, readPointer } from "../proxy/pointer.ts";
import type { OperationContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";
import type { ReleaseContext, SwitchContext } from "./context.ts";

/** The moment of the switch: one rename. The gates see it and send everybody on. */
export const commit: Step<Pick<SwitchContext, "instance" | "control" | "hold" | "target">> = {
  name: "commit",
  gate: "closed",
  commit: { reached: async (context) => await leadsTo(context, context.target.slot) },

  async apply({ control, hold, target }) {
    // Nothing else belongs here: a failure after the rename must not undo what users already write to.
    await pointAt(control.shell, pointers.serving, `../slot-${target.slot}`, { durable: false });
    hold.stop();
  },
};

/** Whether users are sent to a slot; asked of the engine where our own shell no longer answers. */
export async function leadsTo(
  { instance: { engine, name }, control }: Pick<OperationContext, "instance" | "control">,
  slot: number,
): Promise<boolean> {
  const target = await readPointer(control.shell, pointers.serving).catch(
    async () => (await readControl(engine, name, ["serving"])).get("serving")?.link,
  );
  return target === `../slot-${slot}`;
}

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
