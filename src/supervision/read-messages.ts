import { setTimeout as delay } from "node:timers/promises";
import { type Engine, isMissing } from "../engine/connect.ts";
import { followLines } from "../engine/container-output.ts";
import { startCreated, stateOf } from "../engine/containers.ts";
import { UpdaterError } from "../errors.ts";
import { type Message, messageIn } from "./operator-message.ts";

/** How long an engine may be away, for an upgrade or a reboot. */
const awayLimitMs = 10 * 60_000;

/**
 * How long an engine that is being stopped may still answer after it has stopped an operator: it waits for what stops
 * last, gates that hold requests, which have 30 s.
 */
const stopGraceMs = 60_000;

/** How long an engine may take to start again what was killed. */
const restartLimitMs = 2_000;
/** Exit code of what was killed; an engine that is being stopped lets it end. */
const killed = 137;

/** After how long it is told that the engine is awaited. */
const tellAfterMs = 2_000;

/** Between two looks at a container that is about to be started again. */
const intervalMs = 200;

/**
 * What an operator says, from its first word on, through its own restarts and those of the engine. One that
 * a person has stopped (`docker stop`), which no engine starts again, is started. Ends with it, or with
 * `signal`.
 * @param id of the operator's container
 * @throws UpdaterError `engineAway` when it stays away
 */
export async function* messagesOf(
  engine: Engine,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<Message> {
  let read = 0;
  let awaySince: number | undefined;
  let stoppedSince: number | undefined;
  let told = false;
  while (!signal.aborted) {
    try {
      let line = 0;
      for await (const text of followLines(engine, id, signal)) {
        awaySince = undefined;
        told = false;
        line += 1;
        if (line <= read) continue;
        read = line;
        const message = messageIn(text);
        if (!message) continue;
        yield message;
        if (message.message === "ended") return;
      }
      const state = await stateOf(engine, id);
      if (!state) return;
      if (state.phase === "active") {
        stoppedSince = undefined;
      } else {
        if (read === 0 || state.restart !== "unless-stopped") return;
        stoppedSince ??= performance.now();
        const limit = state.exitStatus === killed ? restartLimitMs : stopGraceMs;
        if (performance.now() - stoppedSince > limit) await startCreated(engine, id);
      }
    } catch (error) {
      if (isMissing(error)) return;
      stoppedSince = undefined;
      awaySince ??= performance.now();
      const awayMs = performance.now() - awaySince;
      if (awayMs > awayLimitMs)
        throw new UpdaterError("engineAway", { minutes: awayLimitMs / 60_000 }, error);
      if (awayMs > tellAfterMs && !told) {
        told = true;
        const since = new Date(Date.now() - awayMs).toISOString();
        yield { message: "event", event: { type: "waiting", for: { kind: "engine", since } } };
      }
    }
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}
