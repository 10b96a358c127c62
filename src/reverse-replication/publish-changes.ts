import { abortable } from "../lib/abortable.ts";
import type { CopyContext } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";
import { planFollowing } from "../postgres/follow/plan.ts";
import { publish } from "../postgres/follow/publication.ts";
import { readSchema } from "../postgres/schema.ts";

/** From the first write on, what users write is kept for the version that served before. */
export const publishChanges: Step<CopyContext> = {
  name: "publish-changes",
  gate: "closed",

  async apply({ instance, sessions, candidate, migrated, servedSchema }, signal) {
    const { map } = instance.configuration.rollback;
    const database = await sessions.database(candidate.number);
    const plan = planFollowing(servedSchema, await readSchema(database), migrated, map);
    // It waits for every transaction that is open, and somebody may have forgotten one. Its undo is the
    // candidate's.
    await abortable(signal, publish(database, plan, migrated));
  },
};
