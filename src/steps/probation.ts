import { setTimeout as delay } from "node:timers/promises";
import { UpdaterError } from "../errors.ts";
import type { SwapContext } from "../operations/context.ts";
import type { Step } from "../operations/step.ts";
import { refuseUnhealthy } from "./migrate-candidate.ts";

/**
 * Watches the new generation for a while. It throws `probationFailed` when it keeps failing; going back
 * is decided by whoever runs the operation. Ctrl-C ends the watch, not the release.
 */
export const probation: Step<SwapContext> = {
  name: "probation",

  async apply({ instance, sessions, candidate, release }, signal) {
    const { duration, interval, failures } = instance.configuration.probation;
    const end = Date.now() + duration;
    let failed = 0;
    while (Date.now() < end && !signal.aborted) {
      try {
        const application = await sessions.application(candidate.number);
        const probed = await application.probe(AbortSignal.timeout(interval + 60_000));
        refuseUnhealthy(probed.pages, release.tag);
        failed = 0;
      } catch (error) {
        failed += 1;
        if (failed >= failures) {
          throw new UpdaterError("probationFailed", { tag: release.tag, failures }, error);
        }
        await sessions.closeGeneration(candidate.number);
      }
      await delay(Math.min(interval, Math.max(0, end - Date.now())), undefined, { signal }).catch(
        () => undefined,
      );
    }
    if (signal.aborted) instance.reporter.event({ type: "note", note: "probation-cut-short" });
  },
};
