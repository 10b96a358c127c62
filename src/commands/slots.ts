import { readInstance } from "../instance/read-instance.ts";
import type { Slot } from "../scheduled/quiet-times.ts";
import { type Habits, readHabits } from "../scheduled/requests.ts";
import type { Catalogue } from "../text/catalogue.ts";
import { clock } from "../text/weekday.ts";
import { type Command, openInstance } from "./command.ts";

export const slotsCommand: Command = async (environment) => {
  const instance = await openInstance(environment, { recover: false });
  await readInstance(instance.engine, instance.name);
  const habits = await readHabits(instance, new Date(), environment.signal);
  const { since, timeZone, quietest, slots } = habits;
  environment.print(textOf(environment.catalogue, habits), {
    type: "slots",
    since,
    timeZone,
    quietest: quietest.map(slotValue),
    slots: slots.map(slotValue),
  });
};

const days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/** A half-hour for programs. */
export function slotValue({ day, half, requests }: Slot) {
  return { day: days[day], from: clock(half), until: clock(half + 1), requests };
}

function textOf({ cli }: Catalogue, { since, timeZone, slots, quietest }: Habits): string {
  const { slots: text } = cli;
  const most = Math.max(...slots.map(({ requests }) => requests ?? 0));
  const hours = Array.from({ length: 8 }, (_, index) => String(index * 3).padEnd(6)).join("");
  const rows = Array.from({ length: 7 }, (_, day) => {
    const ofDay = slots.filter((slot) => slot.day === day);
    return `${text.day(day, "short").padEnd(6)}${ofDay.map((slot) => bar(slot, most)).join("")}`;
  });
  const unknown = slots.some(({ requests }) => requests === null);
  return [
    text.title(cli.day(since), timeZone),
    "",
    `      ${hours}`.trimEnd(),
    ...rows.map((row) => row.trimEnd()),
    "",
    text.legend(most, unknown),
    "",
    text.quietest(unknown),
    ...quietest.map(({ day, half, requests }) => {
      const time = `${text.day(day, "long")} ${clock(half)}–${clock(half + 1)}`;
      return `  ${time.padEnd(22)}  ${text.requests(requests ?? 0)}`;
    }),
  ].join("\n");
}

const bars = " ▁▂▃▄▅▆▇█";

function bar({ requests }: Slot, most: number): string {
  if (requests === null) return "·";
  return bars[Math.ceil((requests / Math.max(most, 1)) * (bars.length - 1))]!;
}
