import { type Agent, type IncomingHttpHeaders, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";

/** One HTTP request. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Sends the body in pieces; `chunked` leaves out its length. */
  readonly slowly?: {
    readonly pieces: number;
    readonly pauseMs: number;
    readonly chunked?: boolean;
  };
  /** The client hangs up after so long. */
  readonly giveUpAfterMs?: number;
  /** What is wrong with an answer below 400. */
  readonly check?: (answer: Answer) => string | undefined;
  /** Whether an answer below 400 says that nothing was written: a form shown again, with what is wrong. */
  readonly refused?: (answer: Answer) => boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * Sends a request over the agent's connection and reads the whole answer.
 * @throws Error of the socket, or the signal's reason
 */
export async function exchange(
  origin: string,
  agent: Agent,
  call: Call,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Answer> {
  const message = request(new URL(call.path, origin), {
    agent,
    method: call.method,
    headers: { ...headers, ...call.headers, ...lengthOf(call) },
    signal,
  });
  const answer = new Promise<Answer>((resolve, reject) => {
    message.once("error", reject);
    message.once("response", (response) => {
      const { statusCode: status = 0, headers } = response;
      buffer(response).then((body) => resolve({ status, headers, body }), reject);
    });
  });
  // A socket that breaks while the body is written tells through `answer`.
  const sent = sendBody(message, call, signal).catch(() => undefined);
  try {
    return await answer;
  } finally {
    await sent;
  }
}

function lengthOf({ body, slowly }: Call): Record<string, string> {
  if (!body) return {};
  return slowly?.chunked
    ? { "Transfer-Encoding": "chunked" }
    : { "Content-Length": String(body.length) };
}

async function sendBody(
  message: ReturnType<typeof request>,
  { body, slowly, headers }: Call,
  signal: AbortSignal,
): Promise<void> {
  if (headers?.["Expect"]) {
    await new Promise<void>((resolve) => {
      message.once("continue", resolve);
      message.once("close", resolve);
      message.flushHeaders();
    });
  }
  if (body && slowly) {
    const size = Math.ceil(body.length / slowly.pieces);
    for (let start = 0; start < body.length && !message.destroyed; start += size) {
      message.write(body.subarray(start, start + size));
      await pause(slowly.pauseMs, undefined, { signal });
    }
    message.end();
  } else {
    message.end(body);
  }
}
