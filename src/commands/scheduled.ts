import { randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import {
  isPending,
  needsScheduler,
  readScheduled,
  type ScheduledSwap,
  writeScheduled,
} from "../scheduled/scheduled-swaps.ts";
import { readInstance } from "../instance/read-instance.ts";
import { type Target, targetText } from "../release/target.ts";
import { Guardrails } from "../runner/guardrails.ts";
import { pointInTime } from "../lib/point-in-time.ts";
import { findTarget } from "../release/release.ts";
import { type QuietMoment, quietMoment } from "../scheduled/requests.ts";
import { startingGeneration } from "../instance/serving.ts";
import { schedulerLives, startScheduler } from "../supervision/scheduler-container.ts";
import { type Command, openInstance } from "./command.ts";
import { slotValue } from "./slots.ts";

/** Guardrails for which a rehearsal is not even begun, whatever the swap is to override. */
const neverRehearsed = new Set(["already-serving", "older", "disk"]);

/** `swap … --at MOMENT` */
export const scheduleSwapCommand =
  (
    choice: Target,
    moment: string,
    {
      override,
      restartDatabase = false,
    }: { readonly override: readonly string[]; readonly restartDatabase?: boolean },
  ): Command =>
  async (environment) => {
    const { catalogue, signal, reporter } = environment;
    const instance = await openInstance(environment, { changes: true });
    const { configuration } = instance;
    const now = new Date();
    const { timeZone } = configuration.jobs;
    const { at, quiet } = await chosenMoment(instance, moment, now, signal);
    // What can be wrong is said now, and not at night.
    const guardrails = new Guardrails(override, reporter);
    guardrails.settle();
    const [never] = override.filter((name) => neverRehearsed.has(name));
    if (never !== undefined) {
      const given = `--at, --override ${never}`;
      throw new UpdaterError("usage", { kind: "conflict", given, command: "swap" });
    }
    const view = await readInstance(instance.engine, instance.name);
    const serving = startingGeneration(view, { ofBareMetal: choice.kind === "move" });
    const { tag } = await findTarget(instance, choice, serving, signal);
    const rehearseAt = Math.max(
      now.getTime(),
      at.getTime() - configuration.scheduled.rehearseBeforeMs,
    );
    const scheduled: ScheduledSwap = {
      id: randomUUID(),
      tag,
      choice: targetText(choice),
      override: [...override],
      ...(restartDatabase && { restartDatabase }),
      at: at.toISOString(),
      rehearseAt: new Date(rehearseAt).toISOString(),
      askedAt: now.toISOString(),
      by: `${userInfo().username}@${hostname()}`,
      state: "waiting",
      since: now.toISOString(),
      exitCode: null,
      said: null,
      undelivered: [],
    };
    // It is kept alive before a swap relies on it.
    if (!(await schedulerLives(instance))) await startScheduler(instance);
    await writeScheduled(instance, view.state.proxyImage, (swaps) => {
      const other = swaps.find(isPending);
      if (other) throw new UpdaterError("scheduledAlready", { ...other, timeZone });
      return [...swaps, scheduled];
    });
    const { asked, quiet: chosen } = catalogue.scheduled;
    const lines = [...(quiet ? [chosen(quiet)] : []), asked(scheduled, timeZone)];
    environment.print(lines.join("\n"), {
      type: "scheduled",
      ...scheduled,
      quiet: quiet ? { ...slotValue(quiet.slot), since: quiet.since } : null,
    });
  };

/**
 * @param text as it was typed
 * @throws UpdaterError `usage`, and those of a quiet moment
 */
async function chosenMoment(
  instance: Instance,
  text: string,
  now: Date,
  signal: AbortSignal,
): Promise<{ readonly at: Date; readonly quiet?: QuietMoment }> {
  const { jobs, scheduled } = instance.configuration;
  if (text === "quiet") {
    const earliest = new Date(now.getTime() + scheduled.rehearseBeforeMs);
    const quiet = await quietMoment(instance, { now, earliest }, signal);
    return { at: quiet.at, quiet };
  }
  const at = pointInTime(text, jobs.timeZone, now);
  if (at && at > now) return { at };
  throw new UpdaterError("usage", { kind: "badMoment", given: text, command: "swap" });
}

export const scheduledCommand: Command = async (environment) => {
  const { scheduled } = environment.catalogue;
  const instance = await openInstance(environment, { recover: false });
  const { timeZone } = instance.configuration.jobs;
  const swaps = await readScheduled(instance);
  const lives = await schedulerLives(instance);
  const lines = swaps.map((swap) => scheduled.line(swap, timeZone));
  const dead =
    swaps.some(needsScheduler) && !lives ? [environment.catalogue.jobs.scheduler.dead] : [];
  environment.print([...lines, ...dead].join("\n") || scheduled.none, {
    type: "schedule",
    scheduler: lives,
    swaps,
  });
};

/** @param id of the one to cancel; the one that is pending when absent */
export const cancelScheduledCommand =
  (id: string | undefined): Command =>
  async (environment) => {
    const instance = await openInstance(environment, { recover: false, changes: true });
    const { state } = await readInstance(instance.engine, instance.name);
    let cancelled: ScheduledSwap | undefined;
    await writeScheduled(instance, state.proxyImage, (swaps) => {
      const found = swaps.find((swap) => isPending(swap) && (id === undefined || swap.id === id));
      if (!found) throw new UpdaterError("notScheduled", { id: id ?? "" });
      if (found.state === "swapping") throw new UpdaterError("swapsAlready", found);
      cancelled = { ...found, state: "cancelled", since: new Date().toISOString() };
      return swaps.with(swaps.indexOf(found), cancelled);
    });
    if (cancelled) {
      environment.print(environment.catalogue.scheduled.cancelled(cancelled), {
        type: "scheduled",
        ...cancelled,
      });
    }
  };
