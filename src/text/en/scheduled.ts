import { shown } from "../typed.ts";
import { clock, weekday } from "../weekday.ts";
import { day, momentIn } from "./format.ts";

const states = {
  waiting: "waiting for its rehearsal",
  rehearsing: "rehearsing",
  rehearsed: "rehearsed, ready",
  swapping: "going on",
  done: "done",
  "not-ready": "cancelled: the rehearsal found it not ready",
  failed: "failed",
  missed: "missed: it could not begin within half an hour of its moment",
  cancelled: "cancelled",
};

interface Swap {
  readonly id: string;
  readonly choice: string;
  readonly at: string;
  readonly rehearseAt: string;
  readonly state: keyof typeof states;
  readonly by: string;
  readonly said: string | null;
  readonly undelivered: readonly string[] | null;
}

interface QuietMoment {
  readonly slot: { readonly day: number; readonly half: number; readonly requests: number | null };
  readonly since: string;
}

export const scheduled = {
  states,
  asked: (
    { choice, at, rehearseAt }: Pick<Swap, "choice" | "at" | "rehearseAt">,
    timeZone: string,
  ) =>
    `The swap ${shown(choice)} begins ${momentIn(timeZone, at)}; it is rehearsed ${momentIn(timeZone, rehearseAt)}, and cancelled if that finds it not ready.\nTo see it: updater scheduled. To cancel it: updater scheduled cancel`,
  quiet: ({ slot, since }: QuietMoment) =>
    `The quietest half-hour to come: ${weekday("en-GB", slot.day, "long")} ${clock(slot.half)}–${clock(slot.half + 1)}, ${(slot.requests ?? 0).toFixed(1)} requests on average since ${day(since)}.`,
  line: ({ id, choice, at, state, by, said, undelivered }: Swap, timeZone: string): string => {
    const first = `${momentIn(timeZone, at)}  swap ${shown(choice)}  ${states[state]}, by ${by}  ${id}`;
    const words = said === null ? [] : [said.split("\n")[0]];
    const lost = (undelivered ?? []).map((reason) => `report not delivered: ${reason}`);
    return [first, ...[...words, ...lost].map((text) => `    ${text}`)].join("\n");
  },
  none: "No swap is scheduled.",
  cancelled: ({ choice }: Pick<Swap, "choice">) => `The swap ${shown(choice)} is cancelled.`,
  status: ({ choice, at, state }: Pick<Swap, "choice" | "at" | "state">, timeZone: string) =>
    `Scheduled: swap ${shown(choice)}, ${momentIn(timeZone, at)}, ${states[state]}.`,
  refused: (addresses: number) =>
    `the mail server refused ${addresses} ${addresses === 1 ? "address" : "addresses"}`,
  subject: (instance: string, { choice, state }: Pick<Swap, "choice" | "state">) =>
    `BiomAid ${instance}: swap ${shown(choice)} ${states[state].split(":")[0]}`,
  errors: {
    scheduleDamaged: ({ instance }: { instance: string }) => ({
      what: `What is written of the scheduled swaps of instance ${instance} cannot be read.`,
      next: `Remove it, and schedule them again: docker run --rm -v biomaid-${instance}-control:/c biomaid-updater/base:12 rm /c/scheduled.json`,
    }),
    scheduledAlready: (other: { choice: string; at: string; timeZone: string }) => ({
      what: `The swap ${shown(other.choice)} is scheduled already, ${momentIn(other.timeZone, other.at)}.`,
      next: "Cancel that one first: updater scheduled cancel",
    }),
    notScheduled: ({ id }: { id: string }) => ({
      what: id === "" ? "No swap is scheduled." : `No swap ${id} is waiting.`,
      next: "See which there are: updater scheduled",
    }),
    swapsAlready: ({ choice }: { choice: string }) => ({
      what: `The swap ${shown(choice)} has begun.`,
      next: "Follow it (updater attach); Ctrl-C there undoes it.",
    }),
  },
};
