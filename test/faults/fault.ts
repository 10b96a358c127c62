import type { Stage } from "./stage.ts";

/** Something that goes wrong at a place, and what must be true afterwards. */
export interface Fault<Place = Stage> {
  readonly name: string;
  readonly class: string;
  /** @returns what is not as promised */
  run(place: Place): Promise<readonly string[]>;
}
