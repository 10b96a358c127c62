import type { Shell } from "../engine/shell.ts";
import { UpdaterError } from "../errors.ts";
import { scriptBeside } from "../lib/script.ts";

const script = scriptBeside(import.meta.url, "drain.sh");

const intervalMs = 10;
/** nginx may be between looking a path up and connecting to it: one look that finds no request proves nothing. */
const emptyLooksEnough = 3;
/** Looks in one command: how long an abort waits at most. */
const looksAtOnce = 20;

/**
 * Waits until every request inside an application is answered. Turn the pointer away from it first.
 * @param shell in the proxy's container: an accepted unix socket belongs to the network namespace of
 *   the side that connected, the application's own never shows it
 * @param socket path of the application's socket as the application bound it
 * @param options.onOpen is told how many there are, each time it has looked
 * @throws UpdaterError `drainTimedOut` when some are still in there after `limitMs`
 */
export async function drain(
  shell: Shell,
  socket: string,
  {
    signal,
    limitMs,
    onOpen,
  }: {
    readonly signal?: AbortSignal;
    readonly limitMs: number;
    readonly onOpen?: (requests: number) => void;
  },
): Promise<void> {
  const end = performance.now() + limitMs;
  for (;;) {
    signal?.throwIfAborted();
    const left = Math.ceil((end - performance.now()) / intervalMs);
    const looks = Math.max(emptyLooksEnough, Math.min(left, looksAtOnce));
    const counts = [emptyLooksEnough, looks, intervalMs / 1000].map(String);
    const [open = NaN, empty = NaN] = (await shell.run(script, socket, ...counts))
      .split(" ")
      .map(Number);
    if (empty >= emptyLooksEnough) return;
    onOpen?.(open);
    if (performance.now() >= end) {
      throw new UpdaterError("drainTimedOut", { seconds: Math.round(limitMs / 1000), open });
    }
  }
}
