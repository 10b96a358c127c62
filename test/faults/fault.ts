import type { Stage } from "./stage.ts";

/** Something that goes wrong, and what must be true afterwards. */
export interface Fault {
  readonly name: string;
  readonly class: string;
  /** @returns what is not as promised */
  run(stage: Stage): Promise<readonly string[]>;
}
