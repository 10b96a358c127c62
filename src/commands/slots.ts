import { printedLines } from "../engine/container-output.ts";
import { exit, UpdaterError } from "../errors.ts";
import { viewInstance } from "../instance/view.ts";
import { quietest, type Slot, WeekOfRequests } from "../operations/quiet-times.ts";
import { reportStep } from "../reporter.ts";
import type { Catalogue } from "../text/catalogue.ts";
import { type Command, openInstance } from "./command.ts";

/** Further back users had other habits. */
const longest = 8 * 7 * 24 * 3_600_000;
const shown = 6;

export const slotsCommand: Command = async (environment) => {
  const instance = await openInstance(environment, { recover: false });
  const { engine, name, names, reporter } = instance;
  await viewInstance(engine, name);
  const now = Date.now();
  const week = await reportStep(reporter, "read-requests", async () => {
    const counted = new WeekOfRequests();
    for await (const line of printedLines(engine, names.proxy, environment.signal)) {
      const at = timeOf(line);
      if (at !== undefined && now - at < longest) counted.add(at);
    }
    return counted;
  });
  const slots = week.slots(now);
  const quiet = quietest(slots, shown);
  if (week.first === undefined || quiet.length === 0) {
    throw new UpdaterError("requestsUnknown", { since: new Date(week.first ?? now).toISOString() });
  }
  const since = new Date(week.first).toISOString();
  environment.print(textOf(environment.catalogue, slots, quiet, since), {
    type: "slots",
    since,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    quietest: quiet.map(valueOf),
    slots: slots.map(valueOf),
  });
  return exit.done;
};

/** When a line of the proxy's log was a request that a hold would have kept waiting. */
function timeOf(line: string): number | undefined {
  const [, time, path] = /^\S+ \[([^\]]+)\] "\S+ (\S*)/.exec(line) ?? [];
  if (time === undefined || /^\/(static|media|biomaid-updater)\//.test(path ?? ""))
    return undefined;
  const at = Date.parse(time);
  return Number.isNaN(at) ? undefined : at;
}

const days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

function valueOf({ day, half, requests }: Slot) {
  return { day: days[day], from: clock(half), until: clock(half + 1), requests };
}

/** "03:30" */
function clock(half: number): string {
  const hour = String(Math.floor(half / 2) % 24).padStart(2, "0");
  return `${hour}:${half % 2 === 0 ? "00" : "30"}`;
}

function textOf({ cli }: Catalogue, slots: readonly Slot[], quiet: readonly Slot[], since: string) {
  const { slots: text } = cli;
  const most = Math.max(...slots.map(({ requests }) => requests ?? 0));
  const hours = Array.from({ length: 8 }, (_, index) => String(index * 3).padEnd(6)).join("");
  const rows = Array.from({ length: 7 }, (_, day) => {
    const ofDay = slots.filter((slot) => slot.day === day);
    return `${text.day(day, "short").padEnd(6)}${ofDay.map((slot) => bar(slot, most)).join("")}`;
  });
  const unknown = slots.some(({ requests }) => requests === null);
  return [
    text.title(cli.day(since)),
    "",
    `      ${hours}`.trimEnd(),
    ...rows.map((row) => row.trimEnd()),
    "",
    text.legend(most, unknown),
    "",
    text.quietest,
    ...quiet.map(({ day, half, requests }) => {
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
