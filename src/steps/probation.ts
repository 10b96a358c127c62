import { setTimeout as delay } from "node:timers/promises";
import { UpdaterError } from "../errors.ts";
import type { SwapContext } from "../operations/context.ts";
import type { Step } from "../operations/step.ts";
import { refuseUnhealthy } from "./migrate-candidate.ts";
import { keepLog } from "./keep-log.ts";

/**
 * Watches the new generation for a while. It throws `probationFailed` when it keeps failing; going back
 * is decided by whoever runs the operation. Ctrl-C ends the watch, not the release.
 */
export const probation: Step<SwapContext> = {
  name: "probation",

  async apply(context, signal) {
    const { instance, sessions, candidate, release } = context;
    const { duration, interval, failures } = instance.configuration.probation;
    const end = performance.now() + duration;
    let failed = 0;
    const { timeLimit } = instance.configuration.probe;
    // One that fails at the very end is not let go before it is clear which way it goes.
    while ((performance.now() < end || failed > 0) && !signal.aborted) {
      try {
        const application = await sessions.application(candidate.number);
        const probed = await application.probe(AbortSignal.timeout(2 * timeLimit));
        refuseUnhealthy(probed.pages, release.tag);
        failed = 0;
      } catch (error) {
        failed += 1;
        if (failed >= failures) {
          await keepLog(instance, "application", candidate.number);
          throw new UpdaterError("probationFailed", { tag: release.tag, failures }, error);
        }
        await sessions.closeGeneration(candidate.number);
      }
      await delay(interval, undefined, { signal }).catch(() => undefined);
    }
    if (signal.aborted) instance.reporter.event({ type: "note", note: "probation-cut-short" });
  },
};
