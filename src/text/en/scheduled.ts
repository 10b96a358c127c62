import type { ScheduledSwap } from "../../instance/schedule-book.ts";
import { moment } from "./format.ts";

const states: Record<ScheduledSwap["state"], string> = {
  waiting: "waiting for its rehearsal",
  rehearsing: "rehearsing",
  rehearsed: "rehearsed, ready",
  swapping: "going on",
  done: "done",
  "not-ready": "cancelled: the rehearsal found it not ready",
  failed: "failed",
  missed: "missed: the machine or the scheduler was not there",
  cancelled: "cancelled",
};

export const scheduled = {
  states,
  asked: ({ tag, at, rehearseAt }: ScheduledSwap) =>
    `The swap to ${tag} begins ${moment(at)}; it is rehearsed ${moment(rehearseAt)}, and cancelled if that finds it not ready.\nTo see it: updater scheduled. To cancel it: updater scheduled cancel`,
  line: ({ id, tag, at, state, by, said }: ScheduledSwap) =>
    `${moment(at)}  swap ${tag}  ${states[state]}, by ${by}  ${id}${said === null ? "" : `\n    ${said.split("\n")[0]}`}`,
  none: "No swap is scheduled.",
  cancelled: ({ tag }: ScheduledSwap) => `The swap to ${tag} is cancelled.`,
  status: ({ tag, at, state }: Pick<ScheduledSwap, "tag" | "at" | "state">) =>
    `Scheduled: swap ${tag}, ${moment(at)}, ${states[state]}.`,
  errors: {
    scheduleDamaged: ({ instance }: { instance: string }) => ({
      what: `What is written of the scheduled swaps of instance ${instance} cannot be read.`,
      next: `Remove it, and schedule them again: docker run --rm -v biomaid-${instance}-control:/c biomaid-updater/base:12 rm /c/scheduled.json`,
    }),
    scheduledAlready: ({ tag, at }: { tag: string; at: string }) => ({
      what: `A swap to ${tag} is scheduled already, ${moment(at)}.`,
      next: "Cancel that one first: updater scheduled cancel",
    }),
    notScheduled: ({ id }: { id: string }) => ({
      what: id === "" ? "No swap is scheduled." : `No swap ${id} is waiting.`,
      next: "See which there are: updater scheduled",
    }),
    swapsAlready: ({ tag }: { tag: string }) => ({
      what: `The swap to ${tag} has begun.`,
      next: "Follow it (updater attach); Ctrl-C there undoes it.",
    }),
  },
};
