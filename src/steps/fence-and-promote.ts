import { abortable } from "../lib/abortable.ts";
import type { CopyContext, MoveContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";
import { catchUp, fence, flushedPosition, liftFence, promote } from "../postgres/replication.ts";

/** Stops writes, lets the standby take in the last of them, and makes it a database of its own. */
export const fenceServing: Step<MoveContext> = {
  name: "fence",
  gate: "closed",

  async apply({ instance, sessions, serving }) {
    await fence(await sessions.database(serving.number), instance.configuration.database.role);
  },

  async undo({ instance, sessions, serving }) {
    await liftFence(await sessions.database(serving.number), instance.configuration.database.role);
  },
};

export const catchUpCandidate: Step<CopyContext> = {
  name: "catch-up",
  gate: "closed",

  async apply({ instance, sessions, serving, candidate }, signal) {
    const position = await flushedPosition(await sessions.database(serving.number));
    const standby = await sessions.database(candidate.number);
    await catchUp(standby, position, { limit: instance.configuration.hold.max, signal });
  },
};

export const promoteCandidate: Step<CopyContext> = {
  name: "promote",
  gate: "closed",

  async apply({ instance, sessions, candidate }, signal) {
    const database = await sessions.database(candidate.number);
    await abortable(signal, promote(database));
    // The fence came over with the rest of the data.
    await liftFence(database, instance.configuration.database.role);
  },
};
