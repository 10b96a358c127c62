import { join } from "node:path";
import { frontsAsking, inspectSite } from "../adoption/inspect.ts";
import { publishedSecrets } from "../adoption/published.ts";
import { connectAsSite, databaseOf } from "../adoption/site-database.ts";
import { filesAsked, planStandIn, refuseUnmovable } from "../adoption/stand-in.ts";
import { isError, UpdaterError } from "../errors.ts";
import { reportStep } from "../instance/events.ts";
import type { Instance } from "../instance/instance.ts";
import { readInstance } from "../instance/read-instance.ts";
import { pausedLines } from "../move-in/cron.ts";
import { adopt, switchOver, undoAdoption } from "../operations/adopt.ts";
import { finishAdoption, formerOf } from "../operations/finish-adoption.ts";
import { keepScheduler } from "../scheduled/keep-scheduler.ts";
import { type Command, openInstance } from "./command.ts";
import { reportOperation } from "./operation-report.ts";
import { rehearseCommand } from "./rehearse.ts";

/** @param where as `adoptCommand` takes it */
export const standInCommand =
  (where: string | undefined, { asTagged }: { readonly asTagged: boolean }): Command =>
  async (environment) => {
    const { catalogue, language, signal } = environment;
    const instance = await openInstance(environment);
    const { tag, bareMetal } = await reportStep(instance.reporter, "examine", async () =>
      planStandIn(await inspectSite(where, signal), instance, { asTagged, signal }),
    );
    const result = await adopt(instance, { tag, bareMetal, language }, signal);
    const { done, next } = catalogue.standIn;
    return reportOperation(environment, result, `${done(tag, bareMetal.sources)}\n${next}`);
  };

/**
 * `adopt --rehearse`
 * @param where as `adoptCommand` takes it
 */
export const rehearseMoveCommand =
  (
    where: string | undefined,
    options: { readonly keep: boolean; readonly report: string | undefined },
  ): Command =>
  async (environment) => {
    const { signal, reporter } = environment;
    const instance = await openInstance(environment);
    const { found, serving } = await examine(instance, where, signal);
    try {
      await refuseUnmovable(found, instance, serving, signal);
    } catch (error) {
      // What keeps it from moving today is told; the copy can be judged all the same.
      if (!isError(error, "moveUnfit")) throw error;
      reporter.event({ type: "warning", error });
    }
    const { user, application, site } = found;
    const own = databaseOf(site);
    const whose = { user, python: application.python };
    const asSite = own && (async () => await connectAsSite(own, whose, signal));
    return await rehearseCommand({ kind: "move" }, { ...options, asSite })(environment);
  };

/** The installation by hand in front of which the updater stands, as it is now. */
async function examine(instance: Instance, where: string | undefined, signal: AbortSignal) {
  const { serving } = await readInstance(instance.engine, instance.name);
  if (!serving?.bareMetal) throw new UpdaterError("standsInNowhere", { instance: instance.name });
  const { sources } = serving.bareMetal;
  const found = await reportStep(instance.reporter, "examine", async () =>
    inspectSite(where ?? sources, signal),
  );
  return { found, serving, sources };
}

/** @param where as `adoptCommand` takes it */
export const switchCommand =
  (
    where: string | undefined,
    options: { readonly override: readonly string[]; readonly restartDatabase: boolean },
  ): Command =>
  async (environment) => {
    const { catalogue, language, signal } = environment;
    const instance = await openInstance(environment);
    const { found, serving, sources } = await examine(instance, where, signal);
    await refuseUnmovable(found, instance, serving, signal);
    const result = await switchOver(instance, { language, ...options }, signal);
    await keepScheduler(instance);
    const { moved, afterMoving } = catalogue.standIn;
    const text = `${moved(result.to, sources)}\n${afterMoving}`;
    return reportOperation(environment, result, text);
  };

export const finishAdoptionCommand: Command = async (environment) => {
  const { catalogue, signal } = environment;
  const instance = await openInstance(environment);
  const { state } = await readInstance(instance.engine, instance.name);
  const { bareMetal } = formerOf(state);
  const { socket, sources: folder } = bareMetal;
  const path = join(socket.folder, socket.name);
  const {
    fronts,
    frontUnknown: unknown,
    unread,
  } = await reportStep(instance.reporter, "examine", async () => frontsAsking(path, signal));
  const left = fronts.length === 0 && unknown === undefined && !unread;
  await reportStep(instance.reporter, "end-following", async () =>
    finishAdoption(instance, { leave: left }, signal),
  );
  const published = await publishedSecrets(fronts, folder, signal);
  // A gunicorn that was stopped tells nothing of its service any more.
  const found = await inspectSite(folder, signal).catch(() => undefined);
  const service = found?.service.kind === "nothing" ? undefined : found?.service;
  const running = (found?.cron ?? []).map(({ of, text }) => `${of}: ${text}`);
  const lines = [...running, ...(await pausedLines(instance, bareMetal))];
  const asked = fronts.map(({ file }) => file);
  const { listen, database } = instance.configuration;
  const { finished, stillAsked, mayStillAsk, mayGo, renew } = catalogue.standIn;
  const text = [
    finished(folder),
    left && mayGo({ service, cron: lines, folder, database: database.name }),
    !left && fronts.length > 0 && stillAsked({ path, files: asked, port: listen.port }),
    !left && fronts.length === 0 && mayStillAsk(path),
    published.length > 0 && renew(published),
  ];
  environment.print(text.filter((line) => line !== false).join("\n"), {
    type: "adoption-finished",
    instance: instance.name,
    folder,
    askedBy: left ? [] : asked,
    published: [...published],
  });
};

export const undoAdoptionCommand: Command = async (environment) => {
  // What an updater that died has begun of it is undone with it.
  const instance = await openInstance(environment, { recover: false, changes: true });
  const { state } = await readInstance(instance.engine, instance.name);
  const asked = await filesAsked(state, environment.signal);
  if (asked.length > 0) throw new UpdaterError("filesAsked", { places: asked });
  const folder = await undoAdoption(instance);
  environment.print(environment.catalogue.standIn.undone(folder), {
    type: "adoption-undone",
    instance: instance.name,
    folder,
  });
};
