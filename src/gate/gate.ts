import { once } from "node:events";
import { readlinkSync, rmSync } from "node:fs";
import { createServer, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { dirname, resolve } from "node:path";
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

export interface GateOptions {
  /** Where to listen; its folder is what the pointer names while the gate is closed. */
  readonly socket: string;
  /** The symlink nginx connects through. */
  readonly pointer: string;
  /** What a request is held for before it gets the maintenance page. */
  readonly holdMaxMs: number;
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

/** How often the pointer is read: what opening the gate costs a held request at most. */
const pollMs = 5;
/** nginx may have looked up the gate's socket just before the pointer moved. */
const quietMs = 200;
/** What the first gate still held when the pointer moved is answered long before. */
const lateMs = 2_000;

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
  /** What answers each request that waits. */
  readonly #held = new Set<() => void>();
  readonly #unread = new WeakSet<Socket>();
  readonly #ended = Promise.withResolvers<void>();
  #unanswered = 0;
  #lastRequest = 0;
  /** When a request first had to wait. */
  #heldSince: number | undefined;
  /** When the pointer was last seen here. */
  #pointedHere = Number.NEGATIVE_INFINITY;
  #stopping = false;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#first = options.first === undefined ? undefined : new PrimaryGateMonitor(options.first);
  }

  async listen(): Promise<void> {
    const { socket: path } = this.#options;
    this.#server.on("clientError", (error, socket) => this.#takeUnread(error, socket as Socket));
    // What a gate that was killed left behind.
    rmSync(path, { force: true });
    // Another user runs nginx, hence the modes. The backlog is cut to net.core.somaxconn.
    this.#server.listen({ path, backlog: 4096, readableAll: true, writableAll: true });
    await once(this.#server, "listening");
    this.#watch = setInterval(() => this.#look(), pollMs);
  }

  /**
   * Ends the gate once the pointer has left it, everything held is answered and nothing new has come
   * for a moment. While the pointer stays, the gate goes on holding: no other program would answer.
   */
  stop(): Promise<void> {
    this.#stopping = true;
    // Counts from here: the pointer may have moved just before.
    this.#lastRequest = performance.now();
    return this.#ended.promise;
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    this.#unanswered += 1;
    this.#lastRequest = performance.now();
    response.once("close", () => (this.#unanswered -= 1));
    const sent = wantsPage(request.headers) ? this.#forms.keep(request, response) : undefined;
    // nginx keeps the body. Ours is read to its end before anything is answered: closing a unix
    // socket with unread bytes resets it, and nginx would take that for a dead gate.
    request.resume();
    request.once("end", () => void this.#decide(request, response, sent));
  }

  /** A method that Node does not know is for the application to judge: it is held without being read. */
  #takeUnread({ code }: NodeJS.ErrnoException, socket: Socket): void {
    // What comes after it is thrown away, as every body is.
    if (this.#unread.has(socket)) return;
    if (code !== "HPE_INVALID_METHOD" || !socket.writable) return void socket.destroy();
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
    const left = this.#hasLeft();
    // Long after the gate was open only an application can have died over a request.
    const late = performance.now() - this.#pointedHere > lateMs;
    if (this.#first && (late || !(await this.#first.mayHaveDied()))) {
      response.writeHead(502, { Connection: "close" }).end();
    } else if (left) {
      sendOn(response);
    } else {
      this.#hold(request, response, sent);
    }
  }

  #hold(request: IncomingMessage, response: ServerResponse, sent: Sent): void {
    const release = (): void => sendOn(response);
    const since = (this.#heldSince ??= Date.now());
    const timer = setTimeout(() => {
      void answerMaintenance(request, response, this.#options, since, sent);
    }, this.#options.holdMaxMs);
    this.#held.add(release);
    const forget = (): void => {
      clearTimeout(timer);
      this.#held.delete(release);
    };
    // Answered, or given up by the client: perhaps before it came to this.
    if (response.closed) forget();
    else response.once("close", forget);
  }

  #look(): void {
    if (!this.#hasLeft()) return;
    for (const release of this.#held) release();
    this.#held.clear();
    const quiet = this.#unanswered === 0 && performance.now() - this.#lastRequest > quietMs;
    if (!this.#stopping || !quiet) return;
    clearInterval(this.#watch);
    this.#first?.stop();
    this.#server.close(() => this.#ended.resolve());
    this.#server.closeAllConnections();
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

/** Tells nginx to send the request, which it has kept, to where the pointer leads now. */
function sendOn(response: ServerResponse): void {
  // The maintenance page was quicker.
  if (response.headersSent) return;
  response.writeHead(200, { "X-Accel-Redirect": "@serving", Connection: "close" }).end();
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
