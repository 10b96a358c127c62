/** The week in half-hours, from Monday 00:00 on, by the clock of a time zone. */
export const slotsADay = 48;
const slotsAWeek = 7 * slotsADay;
const halfHourMs = 1_800_000;
const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/** How far the quiet around a slot counts: an operation that takes longer must not meet the morning. */
const around = 4;

export interface Slot {
  /** 0 is Monday. */
  readonly day: number;
  /** Half-hours since midnight. */
  readonly half: number;
  /** Requests in it on average; null when the log does not reach back to one. */
  readonly requests: number | null;
}

/** Counts requests by half-hours of the week. */
export class WeekOfRequests {
  readonly #counts = new Map<number, number>();
  readonly #placeInWeek: (at: number) => number;
  #first = Number.POSITIVE_INFINITY;

  constructor(timeZone: string) {
    this.#placeInWeek = placesInWeek(timeZone);
  }

  /** @param at milliseconds since 1970 */
  add(at: number): void {
    const slot = Math.floor(at / halfHourMs);
    this.#counts.set(slot, (this.#counts.get(slot) ?? 0) + 1);
    this.#first = Math.min(this.#first, at);
  }

  /** The first request; undefined when there was none. */
  get first(): number | undefined {
    return this.#first === Number.POSITIVE_INFINITY ? undefined : this.#first;
  }

  /** All half-hours of the week, in order. Only those that the log covers whole are averaged. */
  slots(now: number): Slot[] {
    const seen = Array.from({ length: slotsAWeek }, () => ({ times: 0, requests: 0 }));
    for (let slot = Math.ceil(this.#first / halfHourMs); (slot + 1) * halfHourMs <= now; slot++) {
      const one = seen[this.#placeInWeek(slot * halfHourMs)]!;
      one.times += 1;
      one.requests += this.#counts.get(slot) ?? 0;
    }
    return seen.map(({ times, requests }, index) => ({
      day: Math.floor(index / slotsADay),
      half: index % slotsADay,
      requests: times === 0 ? null : requests / times,
    }));
  }
}

/** Which half-hour of the week a moment (milliseconds since 1970) is in. */
function placesInWeek(timeZone: string): (at: number) => number {
  const clock = new Intl.DateTimeFormat("en", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return (at) => {
    const { weekday, hour, minute } = Object.fromEntries(
      clock.formatToParts(at).map(({ type, value }) => [type, value]),
    );
    const day = weekdays.indexOf(weekday ?? "");
    return day * slotsADay + Number(hour) * 2 + Math.floor(Number(minute) / 30);
  };
}

/** The quietest half-hours, the best first; of those that are alike, the ones with the most quiet around them. */
export function quietest(slots: readonly Slot[], count: number): Slot[] {
  const surroundings = (index: number) =>
    Array.from({ length: 2 * around + 1 }, (_, offset) => {
      const { requests } = slots[(index + offset - around + slots.length) % slots.length]!;
      return requests ?? Number.POSITIVE_INFINITY;
    }).reduce((sum, requests) => sum + requests, 0);
  const ranked = slots
    .map((slot, index) => ({ slot, index, requests: slot.requests, near: surroundings(index) }))
    .filter((one) => one.requests !== null)
    .sort((a, b) => a.requests! - b.requests! || compare(a.near, b.near));
  const chosen: typeof ranked = [];
  for (const one of ranked) {
    if (chosen.length === count) break;
    const apart = chosen.every(({ index }) => {
      const distance = Math.abs(index - one.index);
      return Math.min(distance, slots.length - distance) > around;
    });
    if (apart) chosen.push(one);
  }
  return chosen.map(({ slot }) => slot);
}

/**
 * When the quietest of some half-hours begins next; of those that look alike, the one that begins first.
 * @param between milliseconds since 1970: not before the one, and before the other
 * @returns nothing when none of them begins in that time
 */
export function nextQuiet(
  named: readonly Slot[],
  timeZone: string,
  { from, until }: { readonly from: number; readonly until: number },
): { readonly slot: Slot; readonly at: Date } | undefined {
  const placeInWeek = placesInWeek(timeZone);
  const found: { slot: Slot; at: Date }[] = [];
  for (let at = Math.ceil(from / halfHourMs) * halfHourMs; at < until; at += halfHourMs) {
    const place = placeInWeek(at);
    const slot = named.find(({ day, half }) => day * slotsADay + half === place);
    if (slot) found.push({ slot, at: new Date(at) });
  }
  // A tenth of a request is nothing to wait another night for.
  const tenths = ({ requests }: Slot) => Math.round((requests ?? 0) * 10);
  return found.sort((one, other) => tenths(one.slot) - tenths(other.slot))[0];
}

/** Two infinities are alike, though their difference is not a number. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
