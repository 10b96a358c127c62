import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const retryMs = 50;
/** Long enough for the news of the first gate's death to overtake the requests it held. */
const settleMs = 100;
/** A first gate that is back after a death has not sent us everything it lost right away. */
const graceMs = 10_000;

/**
 * Watches the first gate for the second one. nginx comes to the second gate when an attempt broke
 * off: either the first gate died, and nothing was executed yet; or, between the turn of the pointer
 * and the end of the drain, an application died over the request, which must not be executed twice.
 */
export class PrimaryGateMonitor {
  readonly #socket: string;
  /** Since when it has been up; nothing while it is down. */
  #upSince: number | undefined;
  /** When it was last seen to die: one that ends takes its socket with it. */
  #diedAt: number | undefined;
  #stopped = false;

  constructor(socket: string) {
    this.#socket = socket;
    this.#watch();
  }

  /**
   * Whether a request that has just come may have been lost by the first gate.
   * @param options.late long after the pointer moved: only one that died over its queue has lost any
   */
  async mayHaveLost({ late }: { readonly late: boolean }): Promise<boolean> {
    await pause(settleMs);
    if (!late && this.#upSince === undefined) return true;
    const since = late ? this.#diedAt : this.#diedAt && this.#upSince;
    return since !== undefined && performance.now() - since < graceMs;
  }

  stop(): void {
    this.#stopped = true;
  }

  #watch(hasJustGone = false): void {
    if (this.#stopped) return;
    // Says nothing and gets nothing: it breaks when the first gate's process ends.
    const connection = connect(this.#socket);
    connection.unref();
    connection.on("connect", () => (this.#upSince = performance.now()));
    connection.on("error", ({ code }: NodeJS.ErrnoException) => {
      if (hasJustGone && code === "ENOENT") this.#diedAt = undefined;
    });
    connection.on("close", () => {
      const wasUp = this.#upSince !== undefined;
      if (wasUp) this.#diedAt = performance.now();
      this.#upSince = undefined;
      setTimeout(() => this.#watch(wasUp), retryMs).unref();
    });
    connection.resume();
  }
}
