import type { Scene } from "../support/scene.ts";

/** Something that goes wrong at a place, and what must be true afterwards. */
export interface Fault<Place = Scene> {
  readonly name: string;
  readonly class: string;
  /** It strikes the whole machine: nothing else may be tried meanwhile. */
  readonly alone?: true;
  /** @returns what is not as promised */
  run(place: Place): Promise<readonly string[]>;
}
