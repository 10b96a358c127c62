import { UpdaterError } from "../errors.ts";
import type { Generation } from "../instance/state.ts";
import type { View } from "../instance/view.ts";

/** @throws UpdaterError `gateIsClosed` when an operation was cut off in the middle */
export function servingGeneration({ serving, gateClosed }: View, instance: string): Generation {
  if (serving) return serving;
  throw new UpdaterError(gateClosed ? "gateIsClosed" : "leftovers", { instance });
}
