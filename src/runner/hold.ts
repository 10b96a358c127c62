import { UpdaterError } from "../errors.ts";
import type { Reporter } from "../instance/events.ts";

/** Share of `hold.max` an operation may use: going back must fit into the rest. */
const usable = 0.8;

/** The time users wait: from closing the gate to opening it. */
export class Hold {
  #limitMs: number;
  readonly #reporter: Reporter;
  readonly #controller = new AbortController();
  #startedAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** How long the gate was closed; null when it never was. */
  durationMs: number | null = null;

  /** @param limitMs `hold.max` */
  constructor(limitMs: number, reporter: Reporter) {
    this.#limitMs = limitMs;
    this.#reporter = reporter;
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
      this.#controller.abort(new UpdaterError("holdTooLong", { seconds: this.#limitMs / 1000 }));
    }, this.#limitMs * usable);
  }

  /** Safe to repeat, and before `start`. */
  stop(): void {
    clearTimeout(this.#timer);
    if (this.#startedAt === undefined) return;
    this.durationMs = performance.now() - this.#startedAt;
    this.#startedAt = undefined;
    this.#reporter.event({ type: "hold-finished", milliseconds: this.durationMs });
  }
}
