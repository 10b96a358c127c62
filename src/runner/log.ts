import type { Event, Reporter } from "../instance/events.ts";

/** Lines kept of one operation: the end of a long build is what explains its failure. */
const longest = 5000;

/** Passes events on, and keeps them as the operation's log. */
export function recordLog(reporter: Reporter): { reporter: Reporter; text(): string } {
  const lines: string[] = [];
  return {
    reporter: {
      event(event) {
        const line = lineOf(event);
        if (line !== undefined) lines.push(`${new Date().toISOString()} ${line}`);
        if (lines.length > longest) lines.splice(0, lines.length - longest);
        reporter.event(event);
      },
    },
    text: () => `${lines.join("\n")}\n`,
  };
}

function lineOf(event: Event): string | undefined {
  if (event.type === "progress") return undefined;
  if (event.type === "output") return `${event.source}: ${event.line}`;
  if (event.type === "warning") return `warning ${event.error.message}`;
  if (event.type === "rehearsed") return `rehearsed ${event.tag} ${event.kind}`;
  const { type, ...facts } = event;
  return `${type} ${Object.values(facts).join(" ")}`;
}
