import type { Database } from "../connect.ts";
import type { RollbackMap } from "../rollback-classes.ts";
import { readSchema } from "../schema.ts";
import { inTransaction } from "../transaction.ts";
import { constantDefaults } from "./constant-defaults.ts";
import { type FollowPlan, planFollowing, type Touched } from "./plan.ts";
import { replacedTables } from "./replaced-values.ts";
import { servingTables } from "./serving-tables.ts";

/**
 * How a database that is left will follow, by its tables and the serving one's, and by what the migrations did to their rows.
 * @param touched as it was written down when the tables were published
 * @param map what the site puts into columns of the previous version
 * @param options.loaded the serving one was loaded with the previous one's rows: it is no copy of its files, and no value is another
 */
export async function makePlan(
  serving: Database,
  previous: Database,
  touched: Touched,
  map: RollbackMap | undefined,
  { loaded = false }: { readonly loaded?: boolean } = {},
): Promise<FollowPlan> {
  const [old, now] = [await readSchema(previous), await readSchema(serving)];
  const sides = { serving, previous, old, now };
  const first = planFollowing(old, now, touched, map);
  const replaced = loaded ? [] : await replacedTables(sides, first);
  const changed = [...touched.changed, ...replaced];
  const plan = planFollowing(old, now, { ...touched, changed }, map);
  const present = await inTransaction(serving, async () => await servingTables(serving));
  // A copy has the same oids.
  const elsewhere = present.filter(({ schema }) => schema !== "public").map(({ oid }) => oid);
  const left = [...(plan.left ?? []), ...elsewhere];
  return await constantDefaults(serving, { ...plan, left });
}
