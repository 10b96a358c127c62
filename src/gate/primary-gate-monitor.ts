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
  #hasDied = false;
  #stopped = false;

  constructor(socket: string) {
    this.#socket = socket;
    this.#watch();
  }

  /** Whether a request that has just come may have been lost by the first gate. */
  async mayHaveDied(): Promise<boolean> {
    await pause(settleMs);
    if (this.#upSince === undefined) return true;
    return this.#hasDied && performance.now() - this.#upSince < graceMs;
  }

  stop(): void {
    this.#stopped = true;
  }

  #watch(): void {
    if (this.#stopped) return;
    // Says nothing and gets nothing: it breaks when the first gate's process ends.
    const connection = connect(this.#socket);
    connection.unref();
    connection.on("connect", () => (this.#upSince = performance.now()));
    connection.on("error", () => undefined);
    connection.on("close", () => {
      if (this.#upSince !== undefined) this.#hasDied = true;
      this.#upSince = undefined;
      setTimeout(() => this.#watch(), retryMs).unref();
    });
    connection.resume();
  }
}
