import { stateOf } from "../engine/containers.ts";
import { execute } from "../engine/exec.ts";
import { UpdaterError } from "../errors.ts";
import { until } from "../lib/until.ts";
import type { Instance } from "./instance.ts";

/** What PostgreSQL may take to start and replay its log. */
const startLimitMs = 5 * 60_000;

/**
 * Waits until the database of a generation accepts connections.
 * @throws UpdaterError `databaseDoesNotStart`
 */
export async function waitForDatabase(
  { engine, names }: Instance,
  generation: number,
  signal: AbortSignal,
  limitMs = startLimitMs,
): Promise<void> {
  const container = names.database(generation);
  const refused = () => {
    throw new UpdaterError("databaseDoesNotStart", { container });
  };
  await until(
    async () => {
      signal.throwIfAborted();
      const state = await stateOf(engine, container);
      if (state?.phase !== "active") return refused();
      if (state.restarting) return false;
      return (await execute(engine, container, ["pg_isready", "--quiet"])).status === 0;
    },
    { intervalMs: 100, limitMs, otherwise: refused, signal },
  );
}
