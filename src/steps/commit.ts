import { abortable } from "../abortable.ts";
import type { CandidateContext, MoveContext } from "../operations/context.ts";
import type { Step } from "../operations/step.ts";
import { pointAt, pointers } from "../proxy/pointer.ts";
import { rememberChanges } from "../postgres/changes.ts";

/** From the first write on, what a rollback would lose can be counted. */
export const startCounting: Step<CandidateContext> = {
  name: "count-changes",
  gate: "closed",

  async apply({ instance, sessions, candidate }, signal) {
    const database = await sessions.database(candidate.number);
    // It waits for every transaction that is open, and somebody may have forgotten one. Its undo is the
    // candidate's.
    await abortable(signal, rememberChanges(database, instance.names.changesSlot));
  },
};

/** The moment of the switch: one rename. The gates see it and send everybody on. */
export const commit: Step<MoveContext> = {
  name: "commit",
  gate: "closed",
  commit: true,

  async apply({ control, hold, target }) {
    // Nothing else belongs here: a failure after the rename must not undo what users already write to.
    await pointAt(control.shell, pointers.serving, `../slot-${target.slot}`, { durable: false });
    hold.stop();
  },
};

/** The static files that go with the pages; reaching the disk, it takes the first pointer with it. */
export const switchStatic: Step<MoveContext> = {
  name: "switch-static",

  async apply({ control, target }) {
    await pointAt(control.shell, pointers.static, `../slot-${target.slot}/static`);
  },
};
