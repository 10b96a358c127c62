import { setTimeout as pause } from "node:timers/promises";
import { Ledger } from "./ledger.ts";
import { Client, NotAnswered } from "./load/client.ts";
import { type Counts, type Failure, Recorder, type Waits } from "./load/recorder.ts";

export { type Client, sha256 } from "./load/client.ts";
export type { Answer, Call } from "./load/exchange.ts";

/** Something users do, with how often compared with the others. */
export interface Activity {
  readonly weight: number;
  /** Straight-line code: a request that fails ends it, and is counted. */
  run(client: Client): Promise<unknown>;
}

export interface LoadOptions {
  readonly origin: string;
  /** Host header; by default the origin's. */
  readonly hostHeader?: string;
  /** Default: 20. */
  readonly clients?: number;
  /** Done once by each client before the load counts as started. */
  readonly signIn?: (client: Client) => Promise<unknown>;
  readonly mix: readonly Activity[];
  /** Milliseconds a user looks at an answer, on average (default: 50). */
  readonly thinkMs?: number;
  /** Milliseconds after which no answer is a failure (default: two minutes). */
  readonly patienceMs?: number;
  /** The maintenance page is an answer, not a failure (default: false). */
  readonly allowMaintenance?: boolean;
}

export interface LoadReport extends Counts {
  /** The first of them. */
  readonly failures: readonly Failure[];
  readonly waits: Waits;
  readonly seconds: number;
  readonly acknowledged: number;
}

export interface Load {
  readonly ledger: Ledger;
  /** So far. */
  readonly counts: Counts;
  /** Lets every client finish what it is doing. */
  stop(): Promise<LoadReport>;
}

/**
 * Sets users to work until they are stopped.
 * @throws Error when one cannot sign in
 */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const { origin, hostHeader, mix, clients: count = 20, thinkMs = 50 } = options;
  const ledger = new Ledger();
  const recorder = new Recorder();
  const stopping = new AbortController();
  const clients = Array.from(
    { length: count },
    (_, number) =>
      new Client(number, {
        origin,
        host: hostHeader,
        patienceMs: options.patienceMs ?? 120_000,
        allowMaintenance: options.allowMaintenance ?? false,
        recorder,
        ledger,
      }),
  );
  await Promise.all(clients.map(async (client) => await options.signIn?.(client)));

  const started = performance.now();
  const work = Promise.all(
    clients.map(async (client) => {
      while (!stopping.signal.aborted) {
        await attempt(() => pick(mix).run(client));
        await pause(Math.random() * 2 * thinkMs, undefined, { signal: stopping.signal }).catch(
          () => undefined,
        );
      }
    }),
  );
  // Whoever stops the load hears of it.
  work.catch(() => stopping.abort());

  return {
    ledger,
    get counts() {
      return recorder.counts;
    },
    stop: async () => {
      stopping.abort();
      try {
        await work;
      } finally {
        for (const client of clients) client.close();
      }
      return {
        ...recorder.counts,
        failures: recorder.failures,
        waits: recorder.waits,
        seconds: Math.round((performance.now() - started) / 1000),
        acknowledged: ledger.acknowledgedCount,
      };
    },
  };
}

async function attempt(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof NotAnswered)) throw error;
  }
}

function pick(mix: readonly Activity[]): Activity {
  let left = Math.random() * mix.reduce((sum, { weight }) => sum + weight, 0);
  const chosen = mix.find(({ weight }) => (left -= weight) < 0) ?? mix[0];
  if (!chosen) throw new Error("the mix is empty");
  return chosen;
}
