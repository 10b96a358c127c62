import { type TellWaiting, whileLasting } from "../lib/while-lasting.ts";
import type { Wait } from "../text/catalogue.ts";
import type { Reporter } from "./events.ts";

/** Milliseconds after which it is told what is waited for. */
const tellAfterMs = 2_000;

/**
 * Waits for work; where that takes more than two seconds, tells what it waits for, and again when it is something else.
 * @param look what that is at this moment; nothing where it is unknown, or the work is only long
 */
export async function tellWaiting<Result>(
  reporter: Reporter,
  look: () => Wait | undefined | Promise<Wait | undefined>,
  work: Promise<Result>,
): Promise<Result> {
  const began = performance.now();
  let told: string | undefined;
  try {
    return await whileLasting(work, tellAfterMs, async (ended) => {
      const awaited = await look();
      if (!awaited || ended.aborted || identity(awaited) === told) return;
      told = identity(awaited);
      reporter.event({ type: "waiting", for: awaited });
    });
  } finally {
    if (told !== undefined) {
      reporter.event({ type: "waited", milliseconds: performance.now() - began });
    }
  }
}

/**
 * The same for work that finds out itself what it waits for.
 * @param work is given what takes that, each time it has looked
 */
export async function waitTelling<Result>(
  reporter: Reporter,
  work: (found: (awaited: Wait | undefined) => void) => Promise<Result>,
): Promise<Result> {
  let awaited: Wait | undefined;
  const found = (now: Wait | undefined) => void (awaited = now);
  return await tellWaiting(reporter, () => awaited, work(found));
}

/** What of it makes it another: not that a queue has become shorter. */
function identity(awaited: Wait): string {
  if (awaited.kind === "session") return `session ${awaited.pid}`;
  if (awaited.kind === "operation") return `operation ${awaited.operation} ${awaited.since}`;
  return awaited.kind;
}

/** `tellWaiting` for rooms that know no reporter. */
export const telling =
  (reporter: Reporter): TellWaiting<Wait> =>
  async (look, work) =>
    await tellWaiting(reporter, look, work);

/** For what is waited for from now on (ISO 8601). */
export const fromNow = (): string => new Date().toISOString();
