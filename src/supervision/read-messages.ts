import { PassThrough } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { createInterface } from "node:readline";
import { type Engine, isMissing } from "../engine/connect.ts";
import { isAtWork } from "./operator-container.ts";
import { type Message, messageIn } from "./operator-message.ts";

type Container = ReturnType<Engine["getContainer"]>;

/** How long an engine may be away, for an upgrade or a reboot, milliseconds. */
const patience = 10 * 60_000;

/**
 * How long an engine that is being stopped may still answer after it has stopped an operator, milliseconds:
 * it waits for what stops last, gates that hold requests, which have 30 s.
 */
const farewell = 60_000;

/** How long an engine may take to start again what was killed, milliseconds. */
const restartLimit = 2_000;
/** Exit code of what was killed; an engine that is being stopped lets it end. */
const killed = 137;

/** Milliseconds between two looks at a container that is about to be started again. */
const interval = 200;

/**
 * What an operator says, from its first word on, through its own restarts and those of the engine. One that
 * somebody has stopped (`docker stop`), which no engine starts again, is started. Ends with it, or with
 * `signal`.
 * @throws the engine's error when it stays away
 */
export async function* messagesOf(
  engine: Engine,
  container: Container,
  signal: AbortSignal,
): AsyncGenerator<Message> {
  let read = 0;
  let awaySince: number | undefined;
  let stoppedSince: number | undefined;
  while (!signal.aborted) {
    try {
      let line = 0;
      for await (const text of linesOf(engine, container, signal)) {
        awaySince = undefined;
        line += 1;
        if (line <= read) continue;
        read = line;
        const message = messageIn(text);
        if (!message) continue;
        yield message;
        if (message.message === "ended") return;
      }
      const { State, HostConfig } = await container.inspect();
      if (isAtWork(State)) {
        stoppedSince = undefined;
      } else {
        const givenUp = HostConfig.RestartPolicy?.Name !== "unless-stopped";
        if (read === 0 || givenUp) return;
        stoppedSince ??= performance.now();
        const limit = State.ExitCode === killed ? restartLimit : farewell;
        if (performance.now() - stoppedSince > limit) await container.start();
      }
    } catch (error) {
      if (isMissing(error)) return;
      stoppedSince = undefined;
      awaySince ??= performance.now();
      if (performance.now() - awaySince > patience) throw error;
    }
    await delay(interval, undefined, { signal }).catch(() => undefined);
  }
}

/** Lines of a container's standard output since it was created, up to where it stops. */
async function* linesOf(
  engine: Engine,
  container: Container,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const log = (await container.logs({
    stdout: true,
    stderr: false,
    follow: true,
    abortSignal: signal,
  })) as NodeJS.ReadableStream & { destroy(): void };
  const output = new PassThrough();
  engine.modem.demuxStream(log, output, output);
  // The engine's connection may end without a word when the engine does.
  for (const end of ["end", "close", "error"]) log.once(end, () => output.end());
  try {
    yield* createInterface({ input: output });
  } finally {
    log.destroy();
  }
}
