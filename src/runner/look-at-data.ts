import { UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import type { Generation } from "../instance/state.ts";
import { isOutside, type NotCarried, readNotCarried } from "../postgres/not-carried.ts";
import type { Sessions } from "./sessions.ts";

/** What a copy of the serving database would leave out, and the database it would be made from. */
export interface LookedAt {
  readonly found: NotCarried;
  readonly where: { readonly container: string; readonly database: string };
}

/**
 * Looks at the serving database before it is copied, and warns of what a swap changes nothing about.
 * @throws UpdaterError `preparedTransactions`: whatever waits for all transactions would wait for these for ever
 */
export async function lookAtData(
  { names, configuration, reporter }: Instance,
  sessions: Sessions,
  serving: Generation,
): Promise<LookedAt> {
  const container = names.database(serving.number);
  const where = { container, database: configuration.database.name };
  const found = await readNotCarried(await sessions.database(serving.number));
  const { prepared, extensions, collations, sortedOtherwise: own } = found;
  // The other databases of a machine stay there, for whoever uses them.
  const outside = serving.bareMetal ? { ...found.outside, databases: [] } : found.outside;
  if (prepared.length > 0) {
    throw new UpdaterError("preparedTransactions", { transactions: prepared, container });
  }
  const warn = (error: UpdaterError) => reporter.event({ type: "warning", error });
  if (extensions.length > 0) warn(new UpdaterError("extensionsMissing", { extensions, ...where }));
  if (own || collations.length > 0) {
    warn(new UpdaterError("collationsChanged", { collations, own, ...where }));
  }
  if (isOutside(outside)) warn(new UpdaterError("followsNot", outside));
  return { found, where };
}

/** @throws UpdaterError `unloggedTables` */
export function refuseUnlogged({ found: { unlogged }, where }: LookedAt): void {
  if (unlogged.length > 0) {
    throw new UpdaterError("unloggedTables", { tables: unlogged, ...where });
  }
}
