import { UpdaterError } from "../errors.ts";
import type { Reporter } from "../instance/events.ts";
import type { Wait } from "../text/catalogue.ts";

/** Share of `hold.max` an operation may use: going back must fit into the rest. */
export const usableShare = 0.8;

/** The time users wait: from closing the gate to opening it. */
export class Hold {
  #limitMs: number;
  readonly #reporter: Reporter;
  readonly #awaited: () => Wait | undefined;
  readonly #controller = new AbortController();
  #startedAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** How long the gate was closed, the longest time of several; null when it never was. */
  durationMs: number | null = null;

  /**
   * @param limitMs `hold.max`
   * @param awaited what the operation waits for at this moment
   */
  constructor(limitMs: number, reporter: Reporter, awaited: () => Wait | undefined) {
    this.#limitMs = limitMs;
    this.#reporter = reporter;
    this.#awaited = awaited;
  }

  /** Another one of the same operation. */
  again(limitMs: number): Hold {
    return new Hold(limitMs, this.#reporter, this.#awaited);
  }

  /** Milliseconds that users may wait. */
  get limitMs(): number {
    return this.#limitMs;
  }

  /** Milliseconds in which all must be done that users wait for. */
  get usableMs(): number {
    return this.#limitMs * usableShare;
  }

  /** Aborts once going on would make users wait for longer than they may. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Lets users wait for longer than `hold.max`, behind the maintenance page. */
  allow(limitMs: number): void {
    this.#limitMs = limitMs;
  }

  start(): void {
    this.#startedAt = performance.now();
    this.#reporter.event({ type: "hold-started" });
    this.#timer = setTimeout(() => {
      const awaited = this.#awaited() ?? null;
      const seconds = this.#limitMs / 1000;
      this.#controller.abort(new UpdaterError("holdTooLong", { seconds, awaited }));
    }, this.usableMs);
  }

  /** Safe to repeat, and before `start`. */
  stop(): void {
    clearTimeout(this.#timer);
    if (this.#startedAt === undefined) return;
    const milliseconds = performance.now() - this.#startedAt;
    this.durationMs = Math.max(this.durationMs ?? 0, milliseconds);
    this.#startedAt = undefined;
    this.#reporter.event({ type: "hold-finished", milliseconds });
  }
}
