import type { InstanceView } from "./read-instance.ts";
import { slots } from "./slot.ts";
import type { Generation, State } from "./state.ts";

/**
 * Which generations the retention policy keeps: the serving one, and as many before it as asked. One
 * that a rollback left is kept until the next swap or prune, to be looked at; what was installed by hand is nobody's to
 * remove, as long as users come by its way.
 * @param needed generations that are kept all the same
 */
export function beyondRetention(
  state: State,
  serving: number,
  previousKept: number,
  needed: ReadonlySet<number | null> = new Set(),
): { keep: Generation[]; remove: Generation[] } {
  const kept = new Set([serving]);
  const byNumber = new Map(state.generations.map((generation) => [generation.number, generation]));
  let previous = byNumber.get(serving)?.previous ?? null;
  while (previous !== null && kept.size <= previousKept) {
    kept.add(previous);
    previous = byNumber.get(previous)?.previous ?? null;
  }
  const bare = state.generations.filter(({ bareMetal }) => bareMetal);
  const all = kept.union(needed).union(new Set(bare.map(({ number }) => number)));
  return {
    keep: state.generations.filter(({ number }) => all.has(number)),
    remove: state.generations.filter(({ number }) => !all.has(number)),
  };
}

/** Generations without which what is left to tidy could not be ended any more. */
export function neededToTidy({ toTidy }: Pick<InstanceView, "toTidy">): ReadonlySet<number | null> {
  return new Set(toTidy ? [toTidy.serving, toTidy.target.number] : []);
}

/** Until when the generation before it takes in what users write (ISO 8601). */
export function windowEnd({ createdAt }: Generation, windowMs: number): string {
  return new Date(Date.parse(createdAt) + windowMs).toISOString();
}

/** A slot no generation uses. There are more slots than the retention policy can fill. */
export function freeSlot(state: State): number | undefined {
  const used = new Set(state.generations.map(({ slot }) => slot));
  return slots.find((slot) => !used.has(slot));
}
