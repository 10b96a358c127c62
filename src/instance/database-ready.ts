import { setTimeout as delay } from "node:timers/promises";
import { execute } from "../engine/exec.ts";
import { UpdaterError } from "../errors.ts";
import type { Instance } from "./instance.ts";

/** What PostgreSQL may take to start and replay its log, milliseconds. */
const startLimit = 5 * 60_000;

/**
 * Waits until the database of a generation accepts connections.
 * @throws UpdaterError `databaseDoesNotStart`
 */
export async function waitForDatabase(
  { engine, names }: Instance,
  generation: number,
  signal: AbortSignal,
): Promise<void> {
  const container = names.database(generation);
  const deadline = performance.now() + startLimit;
  for (;;) {
    signal.throwIfAborted();
    const { State } = await engine.getContainer(container).inspect();
    if (!State.Running && !State.Restarting) break;
    if (State.Running) {
      const { status } = await execute(engine, container, ["pg_isready", "--quiet"]);
      if (status === 0) return;
    }
    if (performance.now() > deadline) break;
    await delay(100, undefined, { signal });
  }
  throw new UpdaterError("databaseDoesNotStart", { container });
}
