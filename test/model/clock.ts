/** What waits for a moment. */
interface Timer {
  readonly at: number;
  readonly run: () => void;
  /** Of the updater's process, and gone with it; the engine's and the databases' own go on. */
  readonly ofProcess: boolean;
}

/** Time of the model: it passes when nothing else can happen, and then jumps to the next timer. */
export class Clock {
  /** Milliseconds since the world began. */
  now = 0;
  #timers: Timer[] = [];

  after(milliseconds: number, run: () => void, { ofProcess }: { ofProcess: boolean }): Timer {
    const timer = { at: this.now + Math.max(0, milliseconds), run, ofProcess };
    this.#timers.push(timer);
    return timer;
  }

  cancel(timer: Timer): void {
    const index = this.#timers.indexOf(timer);
    if (index !== -1) this.#timers.splice(index, 1);
  }

  /** Runs the timer that is next, the one set first of several; returns false when there is none. */
  advance(): boolean {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (!next || timer.at < next.at) next = timer;
    if (!next) return false;
    this.cancel(next);
    this.now = Math.max(this.now, next.at);
    next.run();
    return true;
  }

  /** The same, up to a moment; there it stays. */
  advanceTo(moment: number): boolean {
    if (this.#timers.some(({ at }) => at <= moment)) return this.advance();
    this.now = moment;
    return false;
  }

  /** The process has ended. */
  forgetProcess(): void {
    this.#timers = this.#timers.filter(({ ofProcess }) => !ofProcess);
  }
}

let current = new Clock();

/** From now on what asks for the time, or sets a timer, asks this clock. */
export function useClock(clock: Clock): void {
  current = clock;
}

const realImmediate = setImmediate;

/** Lets everything happen that waits for no moment. */
export async function settle(): Promise<void> {
  await new Promise<void>((resolve) => realImmediate(resolve));
}

/** As of `node:timers/promises`. */
export async function delay<Value>(
  milliseconds: number,
  value: Value,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Value> {
  signal?.throwIfAborted();
  return await new Promise<Value>((resolve, reject) => {
    const timer = current.after(milliseconds, () => resolve(value), { ofProcess: true });
    signal?.addEventListener("abort", () => {
      current.cancel(timer);
      reject(new DOMException("aborted", "AbortError"));
    });
  });
}

/** Puts the model's clock in the place of the process's. */
export function installClock(): void {
  const began = Date.now();
  performance.now = () => current.now;
  Date.now = () => began + current.now;
  AbortSignal.timeout = (milliseconds) => {
    const controller = new AbortController();
    const abort = () => controller.abort(new DOMException("timed out", "TimeoutError"));
    current.after(milliseconds, abort, { ofProcess: true });
    return controller.signal;
  };
  const setTimer = (run: () => void, milliseconds = 0) => {
    const timer = current.after(milliseconds, run, { ofProcess: true });
    return Object.assign(timer, { unref: () => timer });
  };
  globalThis.setTimeout = setTimer as unknown as typeof setTimeout;
  globalThis.clearTimeout = ((timer: Timer | undefined) => {
    if (timer) current.cancel(timer);
  }) as typeof clearTimeout;
}
