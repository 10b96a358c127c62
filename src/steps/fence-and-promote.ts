import { abortable } from "../lib/abortable.ts";
import type { Step } from "../runner/step.ts";
import type { CopyContext, SwitchContext } from "./context.ts";
import { flushedPosition, liftFence, promote } from "../postgres/replication.ts";
import { catchUpTelling, fenceTelling } from "./tell-database.ts";

type Fenced = Pick<SwitchContext, "instance" | "sessions" | "serving">;
type Clone = Pick<CopyContext, "instance" | "sessions" | "serving" | "candidate">;

/** Stops writes. */
export const fenceServing: Step<Fenced, Fenced> = {
  name: "fence",
  gate: "closed",

  async apply({ instance, sessions, serving }, signal) {
    await fenceTelling(instance, serving.number, await sessions.database(serving.number), signal);
  },

  async undo({ instance, sessions, serving }) {
    await liftFence(await sessions.database(serving.number), instance.configuration.database.role);
  },
};

/** Lets the standby take in the last of them. */
export const catchUpCandidate: Step<Clone> = {
  name: "catch-up",
  gate: "closed",

  async apply({ instance, sessions, serving, candidate }, signal) {
    const position = await flushedPosition(await sessions.database(serving.number));
    const standby = await sessions.database(candidate.number);
    const followed = { generation: candidate.number, standby, position };
    const limitMs = instance.configuration.hold.maxMs;
    await catchUpTelling(instance, followed, { limitMs, signal });
  },
};

/** Makes it a database of its own. */
export const promoteCandidate: Step<Clone> = {
  name: "promote",
  gate: "closed",

  async apply({ instance, sessions, candidate }, signal) {
    const database = await sessions.database(candidate.number);
    await abortable(signal, promote(database));
    // The fence came over with the rest of the data.
    await liftFence(database, instance.configuration.database.role);
  },
};
