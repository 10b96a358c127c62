import { printedLines } from "../engine/container-output.ts";
import { UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { reportStep } from "../instance/events.ts";
import { nextQuiet, quietest, type Slot, slotsADay, WeekOfRequests } from "./quiet-times.ts";

const weekMs = 7 * 24 * 3_600_000;
/** Further back users had other habits. */
const longestLookBackMs = 8 * weekMs;
const named = 6;

/** When users ask for pages, by the clock of the site. */
export interface Habits {
  /** The first request of the log (ISO 8601). */
  readonly since: string;
  readonly timeZone: string;
  /** All half-hours of the week. */
  readonly slots: readonly Slot[];
  /** The best first. */
  readonly quietest: readonly Slot[];
}

/** A moment that was chosen because users ask for little then. */
export interface QuietMoment {
  readonly slot: Slot;
  readonly at: Date;
  readonly since: string;
}

/**
 * Reads what the proxy has logged.
 * @throws UpdaterError `requestsUnknown` when that is too little
 */
export async function readHabits(
  { engine, names, reporter, configuration }: Instance,
  now: Date,
  signal: AbortSignal,
): Promise<Habits> {
  const { timeZone } = configuration.jobs;
  const counted = await reportStep(reporter, "read-requests", async () => {
    const requests = new WeekOfRequests(timeZone);
    for await (const line of printedLines(engine, names.proxy, signal)) {
      const at = timeOf(line);
      if (at !== undefined && now.getTime() - at < longestLookBackMs) requests.add(at);
    }
    return requests;
  });
  const slots = counted.slots(now.getTime());
  const since = new Date(counted.first ?? now).toISOString();
  // Of an afternoon alone the quietest half-hour is none.
  const known = slots.filter(({ requests }) => requests !== null);
  if (known.length < slotsADay) throw new UpdaterError("requestsUnknown", { since });
  return { since, timeZone, slots, quietest: quietest(slots, named) };
}

/**
 * The quietest half-hour that begins within a week.
 * @param earliest what must come before it takes until then
 * @throws UpdaterError `requestsUnknown`, `noQuietMoment`
 */
export async function quietMoment(
  instance: Instance,
  { now, earliest }: { readonly now: Date; readonly earliest: Date },
  signal: AbortSignal,
): Promise<QuietMoment> {
  const { since, timeZone, quietest: quiet } = await readHabits(instance, now, signal);
  const time = { from: earliest.getTime(), until: now.getTime() + weekMs };
  const found = nextQuiet(quiet, timeZone, time);
  if (!found) throw new UpdaterError("noQuietMoment", {});
  return { ...found, since };
}

/** When a line of the proxy's log was a request that a hold would have kept waiting. */
function timeOf(line: string): number | undefined {
  const [, time, path] = /^\S+ \[([^\]]+)\] "\S+ (\S*)/.exec(line) ?? [];
  if (time === undefined || /^\/(static|media|biomaid-updater)\//.test(path ?? ""))
    return undefined;
  const at = Date.parse(time);
  return Number.isNaN(at) ? undefined : at;
}
