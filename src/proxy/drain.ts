import type { Shell } from "../engine/shell.ts";
import { UpdaterError } from "../errors.ts";

export interface DrainOptions {
  readonly signal?: AbortSignal;
  readonly limitMs: number;
}

const intervalMs = 10;
/** nginx may be between looking a path up and connecting to it: one look at nobody proves nothing. */
const looksWithoutAnybody = 3;
/** Looks in one command: how long an abort waits at most. */
const looksAtOnce = 20;

/**
 * Waits until every request inside an application is answered. Turn the pointer away from it first.
 * @param shell in the proxy's container: an accepted unix socket belongs to the network namespace of
 *   the side that connected, the application's own never shows it
 * @param socket path of the application's socket as the application bound it
 * @throws UpdaterError `drainTimedOut` when some are still in there after `limitMs`
 */
export async function drain(
  shell: Shell,
  socket: string,
  { signal, limitMs }: DrainOptions,
): Promise<void> {
  const end = performance.now() + limitMs;
  for (;;) {
    signal?.throwIfAborted();
    const left = Math.ceil((end - performance.now()) / intervalMs);
    const looks = Math.max(looksWithoutAnybody, Math.min(left, looksAtOnce));
    const [open = NaN, empty = NaN] = (await shell.run(lookCommand(socket, looks)))
      .split(" ")
      .map(Number);
    if (empty >= looksWithoutAnybody) return;
    if (performance.now() >= end) {
      throw new UpdaterError("drainTimedOut", { seconds: Math.round(limitMs / 1000), open });
    }
  }
}

/** A shell command that prints how many requests to a socket are not answered. */
export function countOpen(socket: string): string {
  // State 03: being answered; 02: not accepted yet. 01, the listener, is not a request.
  return `awk -v path='${socket}' '$8 == path && ($6 == "02" || $6 == "03") { n++ } END { print n + 0 }' /proc/net/unix`;
}

/** Prints how many connections the last look found, and how many looks in a row found none. */
function lookCommand(socket: string, looks: number): string {
  return [
    `empty=0 looks=0`,
    `while :; do open=$(${countOpen(socket)})`,
    `if [ "$open" = 0 ]; then empty=$((empty + 1)); else empty=0; fi`,
    `looks=$((looks + 1))`,
    `if [ $empty = ${looksWithoutAnybody} ] || [ $looks = ${looks} ]; then break; fi`,
    `sleep ${intervalMs / 1000}; done`,
    `echo "$open $empty"`,
  ].join("; ");
}
