import { UpdaterError } from "../errors.ts";
import type { Generation, State } from "./state.ts";
import type { InstanceView } from "./read-instance.ts";

/**
 * The generation an operation starts from.
 * @throws UpdaterError `unfinished` when an earlier one is still to be ended, and as `servingGeneration`
 */
export function startingGeneration(view: InstanceView): Generation {
  if (view.journal) throw new UpdaterError("unfinished", view.journal);
  return servingGeneration(view);
}

/** @throws UpdaterError `gateIsClosed` when an operation was cut off in the middle */
export function servingGeneration({ serving, gateClosed, state }: InstanceView): Generation {
  if (serving) return serving;
  throw new UpdaterError(gateClosed ? "gateIsClosed" : "leftovers", { instance: state.instance });
}

/**
 * The generation a rollback leads to.
 * @throws UpdaterError `nothingToRollBackTo`
 */
export function previousOf(state: State, serving: Generation): Generation {
  const previous = state.generations.find(({ number }) => number === serving.previous);
  if (!previous) throw new UpdaterError("nothingToRollBackTo", {});
  return previous;
}
