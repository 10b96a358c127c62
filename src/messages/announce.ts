import { UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { type Control, withInstanceLock } from "../instance/instance-lock.ts";
import { canTell, changeMessages } from "./store.ts";
import type { State } from "../instance/state.ts";
import { readInstance } from "../instance/read-instance.ts";
import { reportStep } from "../instance/events.ts";
import { newsOf, versionBefore } from "./news-of-release.ts";
import { openSource } from "../release/release.ts";
import { startingGeneration } from "../instance/serving.ts";

export interface Announcement {
  readonly text: string;
  /** Milliseconds since 1970; from now on when absent. */
  readonly from?: number | undefined;
  /** Until it is removed when absent. */
  readonly until?: number | undefined;
}

/**
 * Puts a banner on users' pages in the place of the one before, or takes it away.
 * @throws UpdaterError before anything has changed
 */
export async function announce(
  { engine, name, configuration }: Instance,
  wanted: Announcement | undefined,
): Promise<void> {
  const { state } = await readInstance(engine, name);
  const now = Date.now();
  const { from = now, until } = wanted ?? {};
  if (until !== undefined && until <= Math.max(from, now)) {
    throw new UpdaterError("announcementEndsBefore", {
      from: new Date(Math.max(from, now)).toISOString(),
      until: new Date(until).toISOString(),
      timeZone: configuration.jobs.timeZone,
    });
  }
  // Taking one away is possible with any proxy.
  if (wanted && !(await canTell(engine, state))) {
    throw new UpdaterError("proxyTellsNothing", { instance: name });
  }
  const { background, foreground } = configuration.messages;
  const banner = wanted
    ? {
        id: `announcement-${now}`,
        text: wanted.text,
        from,
        until: until ?? null,
        background,
        foreground,
      }
    : null;
  await withControl({ engine, name }, state, async (control) => {
    await changeMessages(control, (before) => ({ ...before, announcement: banner }));
  });
}

/**
 * Shows users what is new in the serving version, in the place of what is shown, for as long as after a swap.
 * @throws UpdaterError `proxyTellsNothing`, `nothingNew`, and as reading the repository does, before anything has changed
 */
export async function bringNews(instance: Instance, signal: AbortSignal): Promise<void> {
  const { engine, name, configuration, reporter } = instance;
  const { state } = await readInstance(engine, name);
  if (!(await canTell(engine, state))) {
    throw new UpdaterError("proxyTellsNothing", { instance: name });
  }
  await withControl(instance, state, async (control) => {
    // What serves may be another than before the lock.
    const view = await readInstance(engine, name);
    const serving = startingGeneration(view);
    const news = await reportStep(reporter, "prepare-news", async () => {
      const source = await openSource(instance, signal);
      return await newsOf(instance, source, serving, versionBefore(view.state, serving.tag));
    });
    if (news === undefined) throw new UpdaterError("nothingNew", { tag: serving.tag });
    const until = Date.now() + configuration.messages.whatsNew.forMs;
    await changeMessages(control, (before) => ({ ...before, news: { ...news, until } }));
  });
}

export async function removeNews(instance: Instance): Promise<void> {
  const { state } = await readInstance(instance.engine, instance.name);
  await withControl(instance, state, async (control) => {
    await changeMessages(control, (before) => ({ ...before, news: null }));
  });
}

async function withControl(
  { engine, name: instance }: Pick<Instance, "engine" | "name">,
  { proxyImage: image }: State,
  work: (control: Control) => Promise<void>,
): Promise<void> {
  await withInstanceLock(engine, { instance, image, operation: "announce" }, work);
}
