import { UpdaterError } from "../errors.ts";
import type { Generation, State } from "./state.ts";
import type { InstanceView } from "./read-instance.ts";

/**
 * The generation an operation starts from.
 * @param options.ofBareMetal it is one that was installed by hand, and that the updater stands in front of
 * @throws UpdaterError `unfinished` when an earlier one is still to be ended, `standsInNowhere`, and as `ownGeneration`
 */
export function startingGeneration(
  view: InstanceView,
  { ofBareMetal = false }: { readonly ofBareMetal?: boolean } = {},
): Generation {
  if (view.journal) throw new UpdaterError("unfinished", view.journal);
  if (!ofBareMetal) return ownGeneration(view);
  const serving = servingGeneration(view);
  if (serving.bareMetal) return serving;
  throw new UpdaterError("standsInNowhere", { instance: view.state.instance });
}

/** @throws UpdaterError `gateIsClosed` when an operation was cut off in the middle */
export function servingGeneration({ serving, gateClosed, state }: InstanceView): Generation {
  if (serving) return serving;
  throw new UpdaterError(gateClosed ? "gateIsClosed" : "leftovers", { instance: state.instance });
}

/**
 * The serving generation where it is the updater's own.
 * @throws UpdaterError as `refuseBareMetal`, and as `servingGeneration`
 */
export function ownGeneration(view: InstanceView): Generation {
  refuseBareMetal(view);
  return servingGeneration(view);
}

/**
 * Of a site that the updater only stands in front of there is nothing to move, to copy or to run.
 * @throws UpdaterError `standsInOnly`
 */
export function refuseBareMetal({ serving, state: { instance } }: InstanceView): void {
  const folder = serving?.bareMetal?.sources;
  if (folder !== undefined) throw new UpdaterError("standsInOnly", { instance, folder });
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
