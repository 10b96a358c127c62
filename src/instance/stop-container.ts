import { stopContainer } from "../engine/containers.ts";
import type { Instance } from "./instance.ts";
import { fromNow, tellWaiting } from "./waiting.ts";

/**
 * Stops a container and lets it finish what it does, and tells so where that lasts; one that is stopped or gone is fine.
 * @param seconds after which the engine kills it
 */
export async function stopTelling(
  { engine, reporter }: Pick<Instance, "engine" | "reporter">,
  container: string,
  seconds: number,
): Promise<void> {
  const since = fromNow();
  const look = () => ({ kind: "stop", since, container }) as const;
  await tellWaiting(reporter, look, stopContainer(engine, container, seconds));
}
