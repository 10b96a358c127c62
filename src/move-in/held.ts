import { UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import type { Carried } from "../postgres/carried.ts";
import { type Hold, usableShare } from "../runner/hold.ts";

/** Share of the time in which all must be done that users wait for: the release boots in the rest. */
export const loadingShare = 0.6;

/** The longest that users may be told to wait, milliseconds: what `[hold] max` takes. */
const longestHoldMs = 10 * 60_000;

/** Bytes that are copied in a millisecond as SQL, where it is slow. */
const leastSpeed = 15_000;

/**
 * Tells what of a database can come only while users wait.
 * @returns milliseconds that it takes
 * @throws UpdaterError `heldTooLarge` where that is longer than users may wait
 */
export function tellOfHeld(
  { reporter }: Pick<Instance, "reporter">,
  { held }: Carried,
  { usableMs }: Pick<Hold, "usableMs">,
): number {
  const filled = held.filter(({ bytes }) => bytes > 0);
  const parts = filled.map(({ name }) => name);
  const bytes = filled.reduce((sum, part) => sum + part.bytes, 0);
  const takesMs = bytes / leastSpeed;
  if (takesMs > usableMs * loadingShare) {
    const neededMs = (1.1 * takesMs) / (usableShare * loadingShare);
    const needed = neededMs > longestHoldMs ? null : Math.ceil(neededMs / 1000);
    throw new UpdaterError("heldTooLarge", { parts, seconds: Math.ceil(takesMs / 1000), needed });
  }
  if (parts.length > 0) {
    reporter.event({ type: "warning", error: new UpdaterError("carriedInHold", { parts }) });
  }
  return takesMs;
}
