import { once } from "node:events";
import { readlinkSync, rmSync } from "node:fs";
import { createServer, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { dirname, join, resolve } from "node:path";
import { PrimaryGateMonitor } from "./primary-gate-monitor.ts";
import { Forms, type SentForm } from "./forms.ts";
import {
  maintenanceLine,
  maintenancePage,
  type PageLanguage,
  preferredLanguage,
  reloadSeconds,
  wantsPage,
} from "./page.ts";
import { type Held, Queue } from "./queue.ts";

export interface GateOptions {
  /** Where to listen; its folder is what the pointer names while the gate is closed. */
  readonly socket: string;
  /** The symlink nginx connects through. */
  readonly pointer: string;
  /** What a request is held for before it gets the maintenance page; not once the gate is open. */
  readonly holdMaxMs: number;
  /** How many requests are held; the rest get the maintenance page at once. */
  readonly mostHeld: number;
  /** How many requests the application answers at once. */
  readonly workers: number;
  /** For browsers that ask for none we speak. */
  readonly language: PageLanguage;
  /** The maintenance page, with its placeholders. */
  readonly template: string;
  /** Where users' clocks are; without it the page says how long, but not until when. */
  readonly timeZone?: string | undefined;
  readonly expectedHoldMs?: number | undefined;
  /** For the second gate: socket of the one it stands in for. */
  readonly first?: string | undefined;
}

type Sent = Promise<SentForm | undefined> | undefined;

/** Requests that have come and were not looked at yet: nginx does not wait for room. Cut to net.core.somaxconn. */
export const gateBacklog = 16_384;
/** How often the pointer is read: what opening the gate costs a held request at most. */
const pollMs = 5;
/** nginx may have looked up the gate's socket just before the pointer moved. */
const quietMs = 200;
/** For as long, what the first gate has lost may have come to the second before the pointer moved. */
const lateMs = 2_000;
/** An open gate whose queue nobody has left for so long sends nobody on any more: gunicorn ends what takes half of it. */
const stillMs = 60_000;
/** How soon nginx takes up an answer, unless it has much to do. */
const takenUpMs = 1_000;
/** For as long a gate that is told to stop lets its queue move on: it is killed after half a minute. */
const stopLimitMs = 20_000;

/**
 * Starts holding. The gate follows the pointer by itself, so that it opens even when the process that closed it
 * has died.
 */
export async function startGate(options: GateOptions): Promise<Gate> {
  const gate = new Gate(options);
  await gate.listen();
  return gate;
}

export class Gate {
  readonly #options: GateOptions;
  readonly #first: PrimaryGateMonitor | undefined;
  readonly #forms = new Forms();
  // nginx is the only client, and has judged size, syntax and speed of the request already.
  readonly #server = createServer(
    {
      maxHeaderSize: 1 << 20,
      insecureHTTPParser: true,
      requireHostHeader: false,
      requestTimeout: 0,
      headersTimeout: 0,
    },
    (request, response) => this.#take(request, response),
  );
  readonly #queue: Queue;
  readonly #unread = new WeakSet<Socket>();
  readonly #taken = new WeakSet<Socket>();
  readonly #ended = Promise.withResolvers<void>();
  #unanswered = 0;
  #lastRequest = 0;
  /** When a request first had to wait. */
  #heldSince: number | undefined;
  /** When the pointer was last seen here. */
  #pointedHere = Number.NEGATIVE_INFINITY;
  #stoppingSince: number | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
    // The way nginx goes.
    this.#queue = new Queue(join(options.pointer, "app.sock"), options.workers);
    this.#first = options.first === undefined ? undefined : new PrimaryGateMonitor(options.first);
  }

  async listen(): Promise<void> {
    const { socket: path } = this.#options;
    this.#server.on("clientError", (error, socket) => this.#takeUnread(error, socket as Socket));
    // What a gate that was killed left behind.
    rmSync(path, { force: true });
    // Another user runs nginx, hence the modes.
    this.#server.listen({ path, backlog: gateBacklog, readableAll: true, writableAll: true });
    await once(this.#server, "listening");
    this.#watch = setInterval(() => this.#look(), pollMs);
  }

  /**
   * Ends the gate once the pointer has left it, everything held is answered and nothing new has come
   * for a moment. While the pointer stays, the gate goes on holding: no other program would answer.
   * Whoever is not sent on within 20 s gets the maintenance page.
   */
  stop(): Promise<void> {
    // Counts from here: the pointer may have moved just before.
    this.#lastRequest = performance.now();
    this.#stoppingSince ??= this.#lastRequest;
    return this.#ended.promise;
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    this.#taken.add(request.socket);
    this.#unanswered += 1;
    this.#lastRequest = performance.now();
    response.once("close", () => (this.#unanswered -= 1));
    const sent = wantsPage(request.headers) ? this.#forms.keep(request, response) : undefined;
    // nginx keeps the body. Ours is read to its end before anything is answered: closing a unix
    // socket with unread bytes resets it, and nginx would take that for a dead gate.
    request.resume();
    request.once("end", () => void this.#decide(request, response, sent));
  }

  /** What Node's parser does not take (a method, a byte in the path) is for the application to judge: it is held without being read. */
  #takeUnread({ code = "" }: NodeJS.ErrnoException, socket: Socket): void {
    // What comes after it is thrown away, as every body is.
    if (this.#unread.has(socket)) return;
    const isUnread = code.startsWith("HPE_") && !this.#taken.has(socket);
    if (!isUnread || !socket.writable) return void socket.destroy();
    this.#unread.add(socket);
    const request = new IncomingMessage(socket);
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    response.once("finish", () => socket.end());
    request.complete = true;
    request.push(null);
    this.#take(request, response);
  }

  async #decide(request: IncomingMessage, response: ServerResponse, sent: Sent): Promise<void> {
    const open = this.#hasLeft();
    const late = performance.now() - this.#pointedHere > lateMs;
    if (this.#first && !(await this.#first.mayHaveLost({ late }))) {
      response.writeHead(502, { Connection: "close" }).end();
      return;
    }
    this.#hold(request, response, sent);
    if (open) this.#release();
  }

  #hold(request: IncomingMessage, response: ServerResponse, sent: Sent): void {
    // Given up by the client, perhaps before it came to this.
    if (response.closed) return;
    const since = (this.#heldSince ??= Date.now());
    const held: Held = {
      since: performance.now(),
      sendOn: async () => await sendOn(response),
      turnAway: () => void answerMaintenance(request, response, this.#options, since, sent),
    };
    if (this.#queue.size >= this.#options.mostHeld) return held.turnAway();
    this.#queue.add(held);
    response.once("close", () => this.#queue.delete(held));
  }

  #look(): void {
    const { holdMaxMs } = this.#options;
    if (!this.#hasLeft()) return this.#queue.turnAway(holdMaxMs);
    this.#release();
    const now = performance.now();
    const stopping = this.#stoppingSince === undefined ? 0 : now - this.#stoppingSince;
    const isStill = this.#queue.standsStillMs > Math.max(holdMaxMs, stillMs);
    if (isStill || stopping > stopLimitMs) this.#queue.turnAway();
    const quiet = this.#unanswered === 0 && now - this.#lastRequest > quietMs;
    if (this.#stoppingSince === undefined || !quiet) return;
    clearInterval(this.#watch);
    this.#first?.stop();
    this.#server.close(() => this.#ended.resolve());
    this.#server.closeAllConnections();
  }

  #release(): void {
    this.#queue.release(() => this.#hasLeft());
  }

  #hasLeft(): boolean {
    const left = hasMoved(this.#options);
    if (!left) this.#pointedHere = performance.now();
    return left;
  }
}

/** Whether nginx is sent somewhere else; a pointer that cannot be read sends it nowhere. */
function hasMoved({ pointer, socket }: GateOptions): boolean {
  try {
    // As text: what the pointer names is not mounted here.
    return resolve(dirname(pointer), readlinkSync(pointer)) !== dirname(resolve(socket));
  } catch {
    return false;
  }
}

/**
 * Tells nginx to send the request, which it has kept, to where the pointer leads now.
 * @returns once it has taken that up: it then ends this connection, and makes one to the application in the same moment
 */
async function sendOn(response: ServerResponse): Promise<void> {
  const { socket } = response;
  // The maintenance page was quicker, or the client has given up.
  if (response.headersSent || !socket) return;
  const takenUp = once(socket, "close", { signal: AbortSignal.timeout(takenUpMs) });
  response.writeHead(200, { "X-Accel-Redirect": "@serving", Connection: "keep-alive" }).end();
  await takenUp.catch(() => undefined);
}

async function answerMaintenance(
  request: IncomingMessage,
  response: ServerResponse,
  { language: fallback, template, expectedHoldMs, timeZone }: GateOptions,
  heldSince: number,
  sent: Sent,
): Promise<void> {
  const language = preferredLanguage(request.headers["accept-language"], fallback);
  const harmless = request.method === "GET" || request.method === "HEAD";
  const page = wantsPage(request.headers)
    ? maintenancePage({
        template,
        language,
        asked: harmless ? "page" : ((await sent) ?? "lost"),
        end: expectedHoldMs === undefined ? undefined : new Date(heldSince + expectedHoldMs),
        now: new Date(),
        timeZone,
      })
    : undefined;
  const text = page ?? maintenanceLine(language);
  // It may have been sent on while its form was waited for.
  if (response.headersSent) return;
  response
    .writeHead(503, {
      "Content-Type": `text/${page === undefined ? "plain" : "html"}; charset=utf-8`,
      "Content-Length": Buffer.byteLength(text),
      "Cache-Control": "no-store",
      "Retry-After": reloadSeconds,
      Vary: "Accept-Language",
      Connection: "close",
    })
    .end(text);
}
