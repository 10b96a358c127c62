import { UpdaterError } from "../errors.ts";
import { removeGeneration, removeUnfinished } from "../instance/prune.ts";
import { freeSlot, neededToTidy } from "../instance/retention.ts";
import type { BegunOperation } from "../runner/run.ts";
import { journalOf } from "../runner/step-journal.ts";

/**
 * Removes what earlier operations left, and finds the new generation a number and a slot, beside the serving one.
 * @param to tag of what it is made from
 * @param databaseImage of its PostgreSQL: that of the serving one, where none is given
 * @throws UpdaterError `noFreeSlot`
 */
export async function placeCandidate(
  begun: BegunOperation,
  to: string,
  databaseImage = begun.serving.databaseImage,
) {
  const { instance, control, state, serving, view } = begun;
  // Should we die before our journal takes its place, the next command tries once more to tidy.
  const needed = neededToTidy(view);
  // What an earlier rollback left has been there to look at until now.
  const left = state.current.generations.filter((one) => one.abandoned && !needed.has(one.number));
  for (const abandoned of left) {
    await removeGeneration(instance, control, abandoned);
    await state.change((current) => ({
      ...current,
      generations: current.generations.filter(({ number }) => number !== abandoned.number),
    }));
  }
  await removeUnfinished(instance, control, state.current.generations);
  const slot = freeSlot(state.current);
  if (slot === undefined) throw new UpdaterError("noFreeSlot", {});
  const number = state.current.nextGeneration;
  const candidate = { number, slot, databaseImage };
  const journal = journalOf(begun, { from: serving, to, target: candidate });
  return { candidate, target: candidate, journal };
}
