import type { Control } from "./instance-lock.ts";
import type { State } from "./state.ts";

/** The state of an instance, for the operation that holds its lock: what is changed here is on the disk. */
export class StateStore {
  #current: State;
  readonly #control: Pick<Control, "writeState">;

  /** @param current as it was read under the lock */
  constructor(control: Pick<Control, "writeState">, current: State) {
    this.#control = control;
    this.#current = current;
  }

  /** As last written. */
  get current(): State {
    return this.#current;
  }

  /** Returns once what `edit` makes of the state would survive a power cut. */
  async change(edit: (state: State) => State): Promise<void> {
    const changed = edit(this.#current);
    await this.#control.writeState(changed);
    this.#current = changed;
  }
}
