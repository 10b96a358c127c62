import { UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { takeControl } from "../instance/control.ts";
import { canTell, changeMessages } from "../instance/messages.ts";
import { viewInstance } from "../instance/view.ts";
import type { Banner } from "../messages/compose.ts";

export interface Announcement {
  readonly text: string;
  /** Milliseconds since 1970; from now on when absent. */
  readonly from?: number | undefined;
  /** Until it is removed when absent. */
  readonly until?: number | undefined;
}

/**
 * Puts a banner on users' pages in the place of the one before, or takes it away.
 * @returns what is announced now
 * @throws UpdaterError before anything has changed
 */
export async function announce(
  { engine, name, configuration }: Instance,
  wanted: Announcement | undefined,
): Promise<Banner | null> {
  const { state } = await viewInstance(engine, name);
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
  const { proxyImage: image } = state;
  const control = await takeControl(engine, { instance: name, image, operation: "announce" });
  try {
    await changeMessages(control, (before) => ({ ...before, announcement: banner }));
  } finally {
    await control.release();
  }
  return banner;
}
