import type { Call } from "./exchange.ts";

export interface Failure {
  readonly method: string;
  readonly path: string;
  /** Status, code of the socket's error, or what was wrong with the answer. */
  readonly reason: string;
  readonly at: Date;
  readonly afterMs: number;
}

export interface Counts {
  readonly requests: number;
  readonly failed: number;
  /** Answered with the maintenance page, where that is allowed. */
  readonly maintenance: number;
  /** The client hung up, as it was told to. */
  readonly givenUp: number;
}

export interface Waits {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly longest: number;
}

const failuresKept = 20;

/** What became of the requests of all clients. */
export class Recorder {
  #failed = 0;
  #maintenance = 0;
  #givenUp = 0;
  readonly #waits: number[] = [];
  readonly failures: Failure[] = [];

  answered(started: number): void {
    this.#waits.push(performance.now() - started);
  }

  failed({ method, path }: Call, started: number, reason: string): void {
    this.#failed += 1;
    if (this.failures.length === failuresKept) return;
    const afterMs = Math.round(performance.now() - started);
    this.failures.push({ method, path, reason, at: new Date(), afterMs });
  }

  maintenance(): void {
    this.#maintenance += 1;
  }

  givenUp(): void {
    this.#givenUp += 1;
  }

  get counts(): Counts {
    const others = this.#failed + this.#maintenance + this.#givenUp;
    return {
      requests: this.#waits.length + others,
      failed: this.#failed,
      maintenance: this.#maintenance,
      givenUp: this.#givenUp,
    };
  }

  /** Milliseconds from the first byte sent to the last received, of the requests that succeeded. */
  get waits(): Waits {
    const sorted = this.#waits.toSorted((a, b) => a - b);
    const at = (share: number): number =>
      Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0);
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99), longest: at(1) };
  }
}
