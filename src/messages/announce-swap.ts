import { canTell, changeMessages } from "./store.ts";
import type { OperationContext, VersionChange } from "../runner/context.ts";
import type { Step } from "../runner/step.ts";
import { filled } from "../lib/template.ts";

/** The banner on users' pages while the swap is prepared; requests that wait are told by waiting. */
const announceSwap: Step<
  Pick<OperationContext, "instance" | "control" | "state"> & Pick<VersionChange, "release">,
  Pick<OperationContext, "control">
> = {
  name: "announce-swap",

  async apply({ instance: { engine, configuration }, control, state, release }) {
    const { swapBanner, background, foreground } = configuration.messages;
    if (swapBanner === undefined || !(await canTell(engine, state.current))) return;
    const from = Date.now();
    const banner = {
      id: `swap-${from}`,
      text: filled(swapBanner, { version: release.tag }),
      from,
      until: null,
      background,
      foreground,
    };
    await changeMessages(control, (before) => ({ ...before, swap: banner }));
  },

  async undo({ control }) {
    await endAnnouncement(control);
  },
};

/** It has happened: the banner goes. */
const withdrawAnnouncement: Step<Pick<OperationContext, "control">> = {
  name: "end-announcement",

  async apply({ control }) {
    await endAnnouncement(control);
  },
};

async function endAnnouncement(control: OperationContext["control"]): Promise<void> {
  await changeMessages(control, (before) => ({ ...before, swap: null }));
}

/** The two steps, where a site wants its users told of a new version, and there is one. */
export function swapAnnouncement({ instance, release, serving }: VersionChange) {
  const { swapBanner } = instance.configuration.messages;
  const wanted = swapBanner !== undefined && release.tag !== serving.tag;
  return wanted
    ? { before: [announceSwap], after: [withdrawAnnouncement] }
    : { before: [], after: [] };
}
