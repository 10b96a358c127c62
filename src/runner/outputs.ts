declare const valueOf: unique symbol;

/** Names something that one step of an operation finds out and later ones need. */
export interface Output<Value> {
  readonly name: string;
  readonly [valueOf]?: Value;
}

/** @param name for the error of a step that comes too early */
export function output<Value>(name: string): Output<Value> {
  return { name };
}

/** What the steps of one operation have found out so far. */
export class Outputs {
  readonly #values = new Map<Output<unknown>, unknown>();

  set<Value>(key: Output<Value>, value: Value): void {
    this.#values.set(key, value);
  }

  /** Undefined while no step has set it: it has not run, or had nothing to tell. */
  find<Value>(key: Output<Value>): Value | undefined {
    return this.#values.get(key) as Value | undefined;
  }

  /** @throws Error when no step has set it: the steps are in the wrong order */
  get<Value>(key: Output<Value>): Value {
    const value = this.find(key);
    if (value === undefined) throw new Error(`no step has set ${key.name} yet`);
    return value;
  }
}
