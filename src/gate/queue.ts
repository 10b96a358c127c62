import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** A request that waits at the gate. */
export interface Held {
  /** By `performance.now()`. */
  readonly since: number;
  /** Sends it to the application; resolves once nginx has taken it up. */
  sendOn(): Promise<void>;
  /** Answers it with the maintenance page. */
  turnAway(): void;
}

/** Requests of one release, for each process of the application. */
const perWorker = 3;
/** Releases that the application has not begun: one that it works on, one that waits for it. */
const releasesAhead = 2;
/** Requests of one release at most: the application's backlog, 2048, is also there for requests that come anew. */
const largestRelease = 256;
/** An application that does not listen yet is asked again. */
const retryMs = 50;
/** A wait that is as good as none. */
const shortMs = 100;
/** What a release takes where the line of the application cannot be seen. */
const blindMs = 100;

/**
 * Requests that are held, and their release: in the order they came, as fast as the application takes them in. What nginx
 * does with a request once it is sent on, nobody tells the gate; therefore it stands in line itself. An application
 * accepts connections in the order they were made: one of ours that it closes, because it asked for nothing, tells that
 * all before it have been begun.
 */
export class Queue {
  readonly #application: string;
  readonly #leastRelease: number;
  readonly #waiting = new Set<Held>();
  #releasing = false;
  #movedAt = 0;

  /**
   * @param application path of its socket
   * @param workers how many requests it answers at once
   */
  constructor(application: string, workers: number) {
    this.#application = application;
    this.#leastRelease = perWorker * workers;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(held: Held): void {
    this.#waiting.add(held);
  }

  delete(held: Held): void {
    this.#waiting.delete(held);
  }

  /** Milliseconds for which nobody has left it, since the release began. */
  get standsStillMs(): number {
    return performance.now() - this.#movedAt;
  }

  /** Turns away those that have waited for longer, or all of them. */
  turnAway(limitMs = Number.NEGATIVE_INFINITY): void {
    const now = performance.now();
    for (const held of this.#waiting) {
      if (now - held.since < limitMs) return;
      this.#waiting.delete(held);
      held.turnAway();
    }
  }

  /** Begins to release, where that is not under way. It ends when nobody is left, or `isOpen` no longer holds. */
  release(isOpen: () => boolean): void {
    if (this.#releasing || this.#waiting.size === 0) return;
    this.#releasing = true;
    this.#movedAt = performance.now();
    void this.#release(isOpen).finally(() => (this.#releasing = false));
  }

  async #release(isOpen: () => boolean): Promise<void> {
    const ahead: { readonly size: number; readonly others: Promise<number> }[] = [];
    let size = this.#leastRelease;
    while (this.#waiting.size > 0 && isOpen()) {
      const before = await standInLine(this.#application);
      if (before === "refused") {
        await pause(retryMs);
        continue;
      }
      const ours = ahead.reduce((sum, one) => sum + one.size, 0);
      const batch = this.#take(size);
      await Promise.all(batch.map(async (held) => await held.sendOn()));
      this.#movedAt = performance.now();
      const after = await standInLine(this.#application);
      ahead.push({ size: batch.length, others: othersAhead(before, after, batch.length, ours) });
      if (ahead.length < releasesAhead) continue;
      // Those who come anew go straight to the application: of what it begins, half is to be of those who have waited.
      const others = await ahead.shift()!.others;
      const most = Math.min(2 * size, largestRelease);
      size = Math.min(Math.max(others, this.#leastRelease), most);
    }
  }

  #take(size: number): readonly Held[] {
    const taken: Held[] = [];
    for (const held of this.#waiting) {
      if (taken.length === size) break;
      this.#waiting.delete(held);
      taken.push(held);
    }
    return taken;
  }
}

/** A connection that asks for nothing. */
interface InLine {
  readonly since: number;
  /** When it was its turn. */
  readonly turn: Promise<number>;
}

/** @returns "refused" where nobody listens, or too many stand in line; nothing where the line cannot be seen */
function standInLine(application: string): Promise<InLine | "refused" | undefined> {
  return new Promise((resolve) => {
    const socket = connect(application);
    const turn = Promise.withResolvers<number>();
    socket.once("connect", () => {
      // Before anything else: a process that accepts it must find at once that nothing comes.
      socket.end();
      resolve({ since: performance.now(), turn: turn.promise });
    });
    socket.on("error", ({ code }: NodeJS.ErrnoException) =>
      resolve(code === "ECONNREFUSED" || code === "EAGAIN" ? "refused" : undefined),
    );
    socket.once("close", () => turn.resolve(performance.now()));
    socket.resume().unref();
  });
}

/**
 * How many requests that are not ours stood before a release, once the application has begun all of it.
 * @param ours how many of ours stood before it
 */
async function othersAhead(
  before: InLine | undefined,
  after: Awaited<ReturnType<typeof standInLine>>,
  size: number,
  ours: number,
): Promise<number> {
  if (!before || !after || after === "refused") return await pause(blindMs, 0);
  const [first, last] = await Promise.all([before.turn, after.turn]);
  // How long a moment is on a busy machine, nobody knows; and where it takes no longer nobody is passed by many.
  if (first - before.since < shortMs || last === first) return 0;
  return Math.round(((first - before.since) * size) / (last - first)) - ours;
}
