import type { Reporter } from "../instance/events.ts";

/** Every event as one JSON object a line. */
export function jsonReporter(write: (line: string) => void): Reporter {
  return {
    event(event) {
      const shown =
        event.type === "warning" ? { type: event.type, ...event.error.toJSON() } : event;
      write(`${JSON.stringify({ at: new Date().toISOString(), ...shown })}\n`);
    },
  };
}
