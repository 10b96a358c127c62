import { UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { ensureFollowerRuns } from "../instance/ensure-running.ts";
import { readInstance } from "../instance/read-instance.ts";
import { followedPlan } from "../postgres/follow/follower.ts";
import { readLost } from "../postgres/follow/lost-rows.ts";
import { prepareExport, writeExport } from "./lost-export.ts";
import { isFollowed, lossSinceSwap, type LossSummary, summaryOf } from "./return-writes.ts";
import { previousOf, servingGeneration } from "../instance/serving.ts";
import { Sessions } from "../runner/sessions.ts";

/**
 * Writes down what a rollback would lose at this moment, and changes nothing.
 * @param folder does not exist yet, or is empty
 * @throws UpdaterError `exportUnwritable`, `nothingToRollBackTo`, `rollbackLosesData` where that is unknown
 */
export async function exportLost(
  instance: Instance,
  folder: string,
  signal: AbortSignal,
): Promise<readonly LossSummary[]> {
  const view = await readInstance(instance.engine, instance.name);
  const serving = servingGeneration(view);
  const previous = previousOf(view.state, serving);
  await prepareExport(folder);
  await ensureFollowerRuns(instance, previous, serving, signal);
  await using sessions = new Sessions(instance);
  const between = { instance, sessions, serving, previous };
  const arriving = await isFollowed(between, signal);
  const lost = (await lossSinceSwap(between, arriving, signal))?.lost;
  const followed = await followedPlan(await sessions.database(previous.number));
  if (!lost || !followed) {
    throw new UpdaterError("rollbackLosesData", { tag: previous.tag, lost: null });
  }
  if (lost.length > 0) {
    const database = await sessions.database(serving.number);
    await writeExport(folder, await readLost(database, lost, followed.plan));
  }
  return lost.map(summaryOf);
}
