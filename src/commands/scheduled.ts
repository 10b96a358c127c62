import { randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { exit, UpdaterError } from "../errors.ts";
import {
  isPending,
  readScheduled,
  type ScheduledSwap,
  writeScheduled,
} from "../instance/schedule-book.ts";
import { viewInstance } from "../instance/view.ts";
import { findRelease } from "../operations/release.ts";
import { Guardrails } from "../operations/guardrails.ts";
import { momentOf } from "../operations/scheduled/moment.ts";
import { schedulerLives, startScheduler } from "../scheduler/container.ts";
import { type Command, openInstance } from "./command.ts";

/** `swap TAG --at MOMENT` */
export const scheduleSwapCommand =
  (tag: string, moment: string, override: readonly string[]): Command =>
  async (environment) => {
    const { catalogue, signal, reporter } = environment;
    const instance = await openInstance(environment);
    const { configuration } = instance;
    const now = new Date();
    const at = momentOf(moment, configuration.jobs.timeZone, now);
    if (!at) throw new UpdaterError("usage", { kind: "badMoment", given: moment, command: "swap" });
    // What can be wrong is said now, and not at night.
    const guardrails = new Guardrails(override, reporter);
    guardrails.settle();
    const { state } = await viewInstance(instance.engine, instance.name);
    await findRelease(instance, tag, signal);
    const rehearseAt = Math.max(
      now.getTime(),
      at.getTime() - configuration.scheduled.rehearseBefore,
    );
    const scheduled: ScheduledSwap = {
      id: randomUUID(),
      tag,
      override: [...override],
      at: at.toISOString(),
      rehearseAt: new Date(rehearseAt).toISOString(),
      askedAt: now.toISOString(),
      by: `${userInfo().username}@${hostname()}`,
      state: "waiting",
      since: now.toISOString(),
      exitCode: null,
      said: null,
    };
    // It is kept alive before anybody relies on it.
    if (!(await schedulerLives(instance))) await startScheduler(instance);
    await writeScheduled(instance, state.proxyImage, (swaps) => {
      const other = swaps.find(isPending);
      if (other) throw new UpdaterError("scheduledAlready", { tag: other.tag, at: other.at });
      return [...swaps, scheduled];
    });
    environment.print(catalogue.scheduled.asked(scheduled), { type: "scheduled", ...scheduled });
    return exit.done;
  };

export const scheduledCommand: Command = async (environment) => {
  const { scheduled } = environment.catalogue;
  const instance = await openInstance(environment, { recover: false });
  const swaps = await readScheduled(instance);
  const lives = await schedulerLives(instance);
  const lines = swaps.map((swap) => scheduled.line(swap));
  const dead = swaps.some(isPending) && !lives ? [environment.catalogue.jobs.scheduler.dead] : [];
  environment.print([...lines, ...dead].join("\n") || scheduled.none, {
    type: "schedule",
    scheduler: lives,
    swaps,
  });
  return exit.done;
};

/** @param id of the one to cancel; the one that is pending when absent */
export const cancelScheduledCommand =
  (id: string | undefined): Command =>
  async (environment) => {
    const instance = await openInstance(environment, { recover: false });
    const { state } = await viewInstance(instance.engine, instance.name);
    let cancelled: ScheduledSwap | undefined;
    await writeScheduled(instance, state.proxyImage, (swaps) => {
      const found = swaps.find((swap) => isPending(swap) && (id === undefined || swap.id === id));
      if (!found) throw new UpdaterError("notScheduled", { id: id ?? "" });
      if (found.state === "swapping") throw new UpdaterError("swapsAlready", { tag: found.tag });
      const since = new Date().toISOString();
      cancelled = { ...found, state: "cancelled", since };
      return swaps.map((swap) => (swap === found ? { ...swap, state: "cancelled", since } : swap));
    });
    if (cancelled) {
      environment.print(environment.catalogue.scheduled.cancelled(cancelled), {
        type: "scheduled",
        ...cancelled,
      });
    }
    return exit.done;
  };
