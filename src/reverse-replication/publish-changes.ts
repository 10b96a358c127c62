import { abortable } from "../lib/abortable.ts";
import { type FollowPlan, planFollowing, retiredTables } from "../postgres/follow/plan.ts";
import {
  countFromHere,
  emptiedTables,
  publish,
  publishAlso,
} from "../postgres/follow/publication.ts";
import { madeAnew } from "../postgres/schema-match.ts";
import { listTables, readSchema, type Schema } from "../postgres/schema.ts";
import { output } from "../runner/outputs.ts";
import type { Step } from "../runner/step.ts";
import { type CopyContext, servedSchema } from "../steps/context.ts";
import { migratedTables } from "../steps/migrate-candidate.ts";

type Publishing = Pick<CopyContext, "instance" | "sessions" | "candidate" | "outputs">;

/** Tables as the migrations left them, and as they were published. */
const publishedSchema = output<Schema>("the schema that was published");
const publishedPlan = output<FollowPlan>("the tables that were published");

/**
 * Right after the migrations, so that whatever is written after them is kept for the version that served before: by the
 * release's first boot and by the pages that are probed as well as by users, whose rows may refer to it.
 */
export const publishChanges: Step<Publishing> = {
  name: "publish-changes",
  gate: "closed",

  async apply({ instance, sessions, candidate, outputs }, signal) {
    const { map } = instance.configuration.rollback;
    const database = await sessions.database(candidate.number);
    const now = await readSchema(database);
    const served = outputs.get(servedSchema);
    const found = migratedIn(outputs);
    // Their rows are still in the database left.
    const migrated = { ...found, added: [...found.added, ...emptiedTables(served, now)] };
    const plan = planFollowing(served, now, migrated, map);
    outputs.set(publishedSchema, now);
    outputs.set(publishedPlan, plan);
    outputs.set(migratedTables, migrated);
    // It waits for every transaction that is open, and one may have been forgotten. Its undo is the
    // candidate's.
    await abortable(signal, publish(database, plan, migrated));
  },
};

/** A rehearsal, which finds out more of its migrations, does not note these. */
const migratedIn = (outputs: Publishing["outputs"]) =>
  outputs.find(migratedTables) ?? { changed: [], added: [] };

/** Users come next. BiomAid drops and makes tables when it boots: what it made anew is no longer what was published. */
export const publishBooted: Step<Publishing> = {
  name: "publish-boot",
  gate: "closed",

  async apply({ instance, sessions, candidate, outputs }, signal) {
    const { map } = instance.configuration.rollback;
    const database = await sessions.database(candidate.number);
    const published = outputs.get(publishedSchema).tables;
    const present = await listTables(database);
    const anew = madeAnew(published, present);
    if (anew.length + madeAnew(present, published).length === 0) {
      return await countFromHere(database);
    }
    const now = await readSchema(database);
    const migrated = migratedIn(outputs);
    // What is in them by now was written where nothing was kept yet.
    const changed = [...new Set([...migrated.changed, ...anew.map(({ name }) => name)])];
    const touched = { ...migrated, changed };
    const plan = planFollowing(outputs.get(servedSchema), now, touched, map);
    const retired = retiredTables(outputs.get(publishedPlan), plan);
    await abortable(signal, publishAlso(database, plan, anew, { ...touched, retired }));
    await countFromHere(database);
  },
};
