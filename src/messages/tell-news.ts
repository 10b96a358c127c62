import { messageOf, UpdaterError } from "../errors.ts";
import { canTell, changeMessages } from "./store.ts";
import type { Repository } from "../source/repository.ts";
import type { OperationContext, VersionChange } from "../runner/context.ts";
import { newsOf } from "./news-of-release.ts";
import type { Step } from "../runner/step.ts";

/** Reads what is new while there is time, and puts it where the end of the swap, or a recovery, finds it. */
const prepareNews: Step<
  Pick<OperationContext, "control" | "state"> &
    VersionChange & {
      readonly release: { readonly commit: string };
      /** Undefined where the release does not come from it. */
      readonly source: Repository | undefined;
    },
  Pick<OperationContext, "control">
> = {
  name: "prepare-news",

  async apply({ instance, control, state, source, release, serving }) {
    const { engine, reporter } = instance;
    if (source === undefined || !(await canTell(engine, state.current))) return;
    try {
      const news = await newsOf(instance, source, release, serving.tag);
      if (news === undefined) reporter.event({ type: "note", note: "nothing-new" });
      else await changeMessages(control, (before) => ({ ...before, coming: news }));
    } catch (error) {
      // Users who are not told are no reason not to update.
      const warning = new UpdaterError("newsUnreadable", { reason: messageOf(error) }, error);
      reporter.event({ type: "warning", error: warning });
    }
  },

  async undo({ control }) {
    await changeMessages(control, (before) => ({ ...before, coming: null }));
  },
};

/** Users have reached it. */
const tellNews: Step<Pick<OperationContext, "control"> & Omit<VersionChange, "serving">> = {
  name: "tell-news",

  async apply({ instance, control, release }) {
    const until = Date.now() + instance.configuration.messages.whatsNew.forMs;
    await changeMessages(control, ({ coming, ...before }) => ({
      ...before,
      coming: null,
      news: coming?.version === release.tag ? { ...coming, until } : before.news,
    }));
  },
};

/**
 * The two steps, where a site wants its users told. The same version with other settings has none: what was new about it
 * still is.
 */
export function newsSteps({ instance, release, serving }: VersionChange) {
  const wanted = instance.configuration.messages.whatsNew.enabled && release.tag !== serving.tag;
  return wanted ? { before: [prepareNews], after: [tellNews] } : { before: [], after: [] };
}
