import { createHash } from "node:crypto";
import { Agent } from "node:http";
import { messageOf } from "../../../src/errors.ts";
import type { Ledger } from "../ledger.ts";
import { type Answer, type Call, exchange } from "./exchange.ts";
import type { Recorder } from "./recorder.ts";

export interface ClientOptions {
  readonly origin: string;
  /** Host header; by default the origin's. */
  readonly host?: string | undefined;
  /** Milliseconds after which no answer is a failure. */
  readonly patienceMs: number;
  /** The maintenance page is an answer, not a failure. */
  readonly allowMaintenance: boolean;
  readonly recorder: Recorder;
  readonly ledger: Ledger;
}

/** Ends what a client was doing; it has been counted already. */
export class NotAnswered extends Error {}

/** One user: a single connection kept alive, and cookies. */
export class Client {
  readonly number: number;
  readonly cookies = new Map<string, string>();
  readonly #options: ClientOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(number: number, options: ClientOptions) {
    this.number = number;
    this.#options = options;
  }

  /**
   * Sends a request and counts it; redirects are not followed.
   * @throws NotAnswered when it failed, was given up, or got the maintenance page
   */
  async send(call: Call): Promise<Answer> {
    const { origin, patienceMs, recorder } = this.#options;
    const started = performance.now();
    const limit = AbortSignal.timeout(Math.min(call.giveUpAfterMs ?? Infinity, patienceMs));
    let answer: Answer;
    try {
      answer = await exchange(origin, this.#agent, call, this.#headers(), limit);
    } catch (error) {
      if (call.giveUpAfterMs !== undefined && limit.aborted) {
        recorder.givenUp();
      } else {
        const reason = limit.aborted ? `no answer within ${patienceMs} ms` : codeOf(error);
        recorder.failed(call, started, reason);
      }
      throw new NotAnswered(messageOf(error));
    }
    this.#keepCookies(answer);
    if (this.#options.allowMaintenance && isMaintenance(answer)) {
      recorder.maintenance();
      throw new NotAnswered("maintenance");
    }
    const wrong = answer.status >= 400 ? String(answer.status) : call.check?.(answer);
    if (wrong !== undefined) {
      recorder.failed(call, started, wrong);
      throw new NotAnswered(wrong);
    }
    recorder.answered(started);
    return answer;
  }

  /** Sends a write with a key of its own, and notes in the ledger that it was acknowledged. */
  async write(callOf: (key: string) => Call): Promise<Answer> {
    const { ledger } = this.#options;
    const key = ledger.nextKey();
    const call = callOf(key);
    ledger.sent(key, sha256(call.body ?? Buffer.alloc(0)));
    const answer = await this.send(call);
    if (!call.refused?.(answer)) ledger.acknowledged(key);
    return answer;
  }

  close(): void {
    this.#agent.destroy();
  }

  #headers(): Record<string, string> {
    const { host } = this.#options;
    const cookies = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    return {
      "User-Agent": "biomaid-updater-load",
      ...(host && { Host: host }),
      ...(cookies && { Cookie: cookies }),
    };
  }

  #keepCookies({ headers }: Answer): void {
    for (const cookie of headers["set-cookie"] ?? []) {
      const [, name, value] = /^([^=;]+)=([^;]*)/.exec(cookie) ?? [];
      if (name !== undefined && value !== undefined) this.cookies.set(name, value);
    }
  }
}

function isMaintenance({ status, headers }: Answer): boolean {
  return status === 503 && headers["retry-after"] !== undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : messageOf(error);
}

export function sha256(data: Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
