import { execute } from "../engine/exec.ts";
import type { Engine } from "../engine/connect.ts";
import { publishedAt } from "../engine/containers.ts";
import { abortable } from "../lib/abortable.ts";
import { scriptBeside, shellCommand } from "../lib/script.ts";

const capacityScript = scriptBeside(import.meta.url, "capacity.sh");
const queueScript = scriptBeside(import.meta.url, "queue.sh");

/** More than any hospital has users at work (docs/benchmark.md says what they cost). */
const mostEver = 10_000;

/** Of what one worker has, which may get them all: two connections each, a third file for a big body, and some are left. */
const ofConnections = 0.4;
const ofFiles = 0.3;
/**
 * Where what is published is this machine's own interface a program of the engine's passes every connection on. It takes up to
 * eight files for each, of as many as the proxy may have, and once it lacks one it ends, with all connections and the port.
 */
const ofForwardersFiles = 0.1;

/** What a proxy can hold that tells nothing; the oldest could. */
const mostUnknown = 3_000;

/** How many requests a proxy can keep waiting, and still answer others. Sites keep the proxy they were made with. */
export async function mostHeld(engine: Engine, proxy: string): Promise<number> {
  const command = shellCommand(capacityScript, "/etc/nginx/nginx.conf");
  const { stdout } = await execute(engine, proxy, command);
  const [connections = NaN, files = NaN] = stdout.trim().split("\n").map(numberOf);
  const isForwarded = /^(127\.|::1$)/.test((await publishedAt(engine, proxy))?.address ?? "");
  const ofTheirs = files * (isForwarded ? ofForwardersFiles : ofFiles);
  const most = Math.floor(Math.min(connections * ofConnections, ofTheirs, mostEver));
  return most > 0 ? most : mostUnknown;
}

const numberOf = (text: string) => (text === "unlimited" ? Infinity : Number(text || NaN));

/** Requests that the proxy has sent to sockets, and that are not answered. */
export interface WaitingRequests {
  readonly open: number;
  /** Those of them that nobody has accepted. */
  readonly notAccepted: number;
  /** Another one when others are being answered. */
  readonly answered: string;
}

/**
 * Counts requests in the proxy's network namespace (`drain`).
 * @param limitMs milliseconds: an engine that was asked while somebody froze the proxy answers no more
 * @returns undefined where the proxy does not answer: then none waits in it
 */
export async function waitingRequests(
  engine: Engine,
  proxy: string,
  sockets: readonly string[],
  limitMs = 10_000,
): Promise<WaitingRequests | undefined> {
  try {
    const asked = execute(engine, proxy, shellCommand(queueScript, ...sockets));
    const { status, stdout } = await abortable(AbortSignal.timeout(limitMs), asked);
    const [open = "", notAccepted = "", answered = ""] = stdout.trim().split(" ");
    if (status !== 0 || answered === "") return undefined;
    return { open: Number(open), notAccepted: Number(notAccepted), answered };
  } catch {
    return undefined;
  }
}
