import { stateOf } from "../engine/containers.ts";
import { execute } from "../engine/exec.ts";
import { UpdaterError } from "../errors.ts";
import { until } from "../lib/until.ts";
import type { Wait } from "../text/catalogue.ts";
import { fromNow, tellWaiting } from "./waiting.ts";
import type { Instance } from "./instance.ts";

/** What PostgreSQL may take to start and replay its log, also after a power cut. */
const startLimitMs = 10 * 60_000;

/**
 * Waits until the database of a generation accepts connections, and tells what for where that lasts.
 * @param options.look what keeps it from that; that it does not answer when absent
 * @throws UpdaterError `databaseDoesNotStart`
 */
export async function waitForDatabase(
  { engine, names, reporter }: Pick<Instance, "engine" | "names" | "reporter">,
  generation: number,
  signal: AbortSignal | undefined,
  options: { readonly limitMs?: number; readonly look?: () => Promise<Wait> } = {},
): Promise<void> {
  const { limitMs = startLimitMs } = options;
  const container = names.database(generation);
  const since = fromNow();
  const look = options.look ?? (() => ({ kind: "database", since, container }) as const);
  const refused = (seconds: number | null) => {
    throw new UpdaterError("databaseDoesNotStart", { container, seconds });
  };
  const answers = until(
    async () => {
      signal?.throwIfAborted();
      const state = await stateOf(engine, container);
      if (state?.phase !== "active") return refused(null);
      if (state.restarting) return false;
      // What leads to a database of the machine runs as a user whom nobody knows here.
      const asked = execute(engine, container, ["pg_isready", "--quiet"], { user: "postgres" });
      return (await asked).status === 0;
    },
    {
      intervalMs: 100,
      limitMs,
      otherwise: () => refused(limitMs / 1000),
      ...(signal && { signal }),
    },
  );
  await tellWaiting(reporter, look, answers);
}
