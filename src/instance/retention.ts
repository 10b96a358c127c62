import { slots } from "./slot.ts";
import type { Generation, State } from "./state.ts";

/**
 * Which generations the retention policy keeps: the serving one, and as many before it as asked. One
 * that a rollback left is kept until the next swap or prune, to be looked at.
 */
export function beyondRetention(
  state: State,
  serving: number,
  previousKept: number,
): { keep: Generation[]; remove: Generation[] } {
  const kept = new Set([serving]);
  const byNumber = new Map(state.generations.map((generation) => [generation.number, generation]));
  let previous = byNumber.get(serving)?.previous ?? null;
  while (previous !== null && kept.size <= previousKept) {
    kept.add(previous);
    previous = byNumber.get(previous)?.previous ?? null;
  }
  return {
    keep: state.generations.filter(({ number }) => kept.has(number)),
    remove: state.generations.filter(({ number }) => !kept.has(number)),
  };
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
