import { abortable } from "../lib/abortable.ts";
import { planFollowing } from "../postgres/follow/plan.ts";
import { publish } from "../postgres/follow/publication.ts";
import { readSchema } from "../postgres/schema.ts";
import type { Step } from "../runner/step.ts";
import { type CopyContext, servedSchema } from "../steps/context.ts";
import { migratedTables } from "../steps/migrate-candidate.ts";

/** From the first write on, what users write is kept for the version that served before. */
export const publishChanges: Step<
  Pick<CopyContext, "instance" | "sessions" | "candidate" | "outputs">
> = {
  name: "publish-changes",
  gate: "closed",

  async apply({ instance, sessions, candidate, outputs }, signal) {
    const { map } = instance.configuration.rollback;
    const database = await sessions.database(candidate.number);
    // A rehearsal, which finds out more of its migrations, does not note these.
    const migrated = outputs.find(migratedTables) ?? { changed: [], added: [] };
    const now = await readSchema(database);
    const plan = planFollowing(outputs.get(servedSchema), now, migrated, map);
    // It waits for every transaction that is open, and one may have been forgotten. Its undo is the
    // candidate's.
    await abortable(signal, publish(database, plan, migrated));
  },
};
