import type { Event, Reporter } from "../instance/events.ts";
import type { Wait } from "../text/catalogue.ts";

/** Lines kept of one operation: the end of a long build is what explains its failure. */
const longest = 5000;

/** Characters kept of a line: an application prints what it likes. */
const widest = 4000;

/** An operation's events, on their way. */
interface Recorded {
  readonly reporter: Reporter;
  /** What it waits for at this moment, where that lasts. */
  readonly awaited: () => Wait | undefined;
  readonly text: () => string;
}

/** Passes events on, and keeps them as the operation's log. */
export function recordLog(reporter: Reporter): Recorded {
  const lines: string[] = [];
  let awaited: Wait | undefined;
  return {
    reporter: {
      event(event) {
        if (event.type === "waiting") awaited = event.for;
        if (event.type === "waited") awaited = undefined;
        const line = lineOf(event);
        if (line !== undefined) lines.push(`${new Date().toISOString()} ${cut(line)}`);
        if (lines.length > longest) lines.splice(0, lines.length - longest);
        reporter.event(event);
      },
    },
    awaited: () => awaited,
    text: () => `${lines.join("\n")}\n`,
  };
}

const cut = (line: string) => (line.length > widest ? `${line.slice(0, widest)}…` : line);

function lineOf(event: Event): string | undefined {
  if (event.type === "progress") return undefined;
  if (event.type === "output") return `${event.source}: ${event.line}`;
  if (event.type === "warning") return `warning ${event.error.message}`;
  if (event.type === "rehearsed") return `rehearsed ${event.tag} ${event.kind}`;
  if (event.type === "waiting") return `waiting ${JSON.stringify(event.for)}`;
  const { type, ...facts } = event;
  return `${type} ${Object.values(facts).join(" ")}`;
}
