import { setTimeout as delay } from "node:timers/promises";
import { type ErrorParameters, isError, messageOf, UpdaterError } from "../errors.ts";
import { paths } from "../instance/names.ts";
import { type WaitingRequests, waitingRequests } from "../proxy/queue.ts";
import type { Step } from "../runner/step.ts";
import type { ReleaseContext, SwitchContext } from "./context.ts";
import { refuseUnhealthy } from "./migrate-candidate.ts";
import { copyContainerLog } from "./copy-container-log.ts";

/**
 * Watches the new generation for a while. It throws `probationFailed` when it keeps failing; going back
 * is decided by the operation. Ctrl-C ends the watch, not the release.
 */
export const probation: Step<ReleaseContext & Pick<SwitchContext, "target">> = {
  name: "probation",
  watches: true,
  decides: true,

  async apply(context, signal) {
    const { instance, sessions, candidate, release, target } = context;
    const { durationMs, intervalMs, failures } = instance.configuration.probation;
    const end = performance.now() + durationMs;
    const socket = `${paths.slot(target.slot)}/app.sock`;
    const look = async () => await waitingRequests(instance.engine, instance.names.proxy, [socket]);
    // Those who were held, and who have come since, may stand before us until a check comes through.
    let queue: "none" | "possible" | "told" = "possible";
    let failed = 0;
    const { timeLimitMs, pages, anonymousPages } = instance.configuration.probe;
    // Each page has its own limit; this one is for a process that no longer answers us.
    const answerLimitMs = (pages.length + anonymousPages.length + 1) * timeLimitMs;
    // One that fails at the very end is not let go before it is clear which way it goes.
    while ((performance.now() < end || failed > 0) && !signal.aborted) {
      const before = queue === "none" ? undefined : await look();
      try {
        const application = await sessions.application(candidate.number);
        const limit = AbortSignal.timeout(answerLimitMs);
        const probed = await application.probe(limit, { untilSilent: true });
        refuseUnhealthy(probed.pages, release.tag);
        failed = 0;
        queue = "none";
      } catch (error) {
        if (queue !== "none" && isSilence(error) && movesOn(before, await look())) {
          if (queue === "possible")
            instance.reporter.event({ type: "note", note: "probation-in-queue" });
          queue = "told";
        } else failed += 1;
        if (failed >= failures) {
          await copyContainerLog(instance, "application", candidate.number);
          const last = reasonOf(error, answerLimitMs);
          throw new UpdaterError("probationFailed", { tag: release.tag, failures, last }, error);
        }
        await sessions.closeGeneration(candidate.number);
      }
      await delay(intervalMs, undefined, { signal }).catch(() => undefined);
    }
    if (signal.aborted) instance.reporter.event({ type: "note", note: "probation-cut-short" });
  },
};

function isSilence(error: unknown): boolean {
  if (isError(error, "pagesFail"))
    return error.parameters.pages.every(({ status }) => status === 0);
  return error instanceof DOMException && error.name === "TimeoutError";
}

/** Whether requests wait for an application that takes in one after the other. */
function movesOn(before: WaitingRequests | undefined, after: WaitingRequests | undefined): boolean {
  return (
    before !== undefined &&
    after !== undefined &&
    after.notAccepted > 0 &&
    before.answered !== after.answered
  );
}

/** What a check has met: pages, silence for some seconds, or what was said. */
function reasonOf(error: unknown, limitMs: number): ErrorParameters<"probationFailed">["last"] {
  if (error instanceof DOMException && error.name === "TimeoutError") return limitMs / 1000;
  return isError(error, "pagesFail") ? error.parameters.pages : messageOf(error);
}
