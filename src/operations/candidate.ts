import { UpdaterError } from "../errors.ts";
import { removeGeneration, removeUnfinished } from "../instance/prune.ts";
import { freeSlot } from "../instance/retention.ts";
import type { BegunOperation } from "../runner/run.ts";
import { journalOf } from "../runner/step-journal.ts";

/**
 * Removes what earlier operations left, and finds the new generation a number and a slot, beside the serving one.
 * @param to tag of what it is made from
 * @throws UpdaterError `noFreeSlot`
 */
export async function placeCandidate(begun: BegunOperation, to: string) {
  const { instance, control, state, serving } = begun;
  // What an earlier rollback left has been there to look at until now.
  for (const abandoned of state.current.generations.filter((one) => one.abandoned)) {
    await removeGeneration(instance, control, abandoned);
    await state.change((current) => ({
      ...current,
      generations: current.generations.filter(({ number }) => number !== abandoned.number),
    }));
  }
  await removeUnfinished(instance, state.current.generations);
  const slot = freeSlot(state.current);
  if (slot === undefined) throw new UpdaterError("noFreeSlot", {});
  const number = state.current.nextGeneration;
  const candidate = { number, slot, databaseImage: serving.databaseImage };
  const journal = journalOf(begun, { from: serving, to, target: candidate });
  return { candidate, target: candidate, journal };
}
