import type { Engine } from "../engine/connect.ts";
import { execute } from "../engine/exec.ts";
import { UpdaterError } from "../errors.ts";
import type { Reporter } from "../instance/events.ts";
import { fromNow, waitTelling } from "../instance/waiting.ts";
import { abortable } from "../lib/abortable.ts";
import { scriptBeside } from "../lib/script.ts";
import { until } from "../lib/until.ts";
import type { Step } from "../runner/step.ts";
import type { CandidateContext } from "./context.ts";

const script = scriptBeside(import.meta.url, "measure-stretch.py");

/** Seconds of a processor that one look takes. */
const workSeconds = 0.5;
/** How long a quieter moment is waited for, milliseconds, and how long between two looks. */
const usualPatience = { limitMs: 10 * 60_000, intervalMs: 5_000 };
/** So many times longer than on a free machine is no longer, but measured. */
const noise = 1.1;

/**
 * Nothing that others do is to make users wait for longer than they may: what they would wait for is undone then, and they
 * have waited for nothing. What a rehearsal has foreseen is foreseen for a machine that is free.
 */
export const awaitQuiet: Step<
  Pick<CandidateContext, "instance" | "candidate" | "hold"> & {
    /** Milliseconds that a rehearsal says users will wait; undefined where none says it. */
    readonly expectedHoldMs: number | undefined;
  }
> = {
  name: "await-quiet",

  async apply({ instance, candidate, hold, expectedHoldMs }, signal) {
    if (expectedHoldMs === undefined) return;
    const { engine, names, reporter } = instance;
    // Where the hold's work will be done: containers share processors among themselves, not among their processes.
    const container = names.application(candidate.number);
    const measure = async () => await abortable(signal, measureStretch(engine, container));
    const times = { expectedMs: expectedHoldMs, limitMs: hold.usableMs };
    await untilQuiet(reporter, measure, times, signal);
  },
};

/**
 * How many times longer work takes at this moment in a container of BiomAid than a processor needs for it. It is measured
 * and not reckoned: the load that the kernel tells is the whole machine's, whoever may use how much of it.
 */
export async function measureStretch(engine: Engine, container: string): Promise<number> {
  const command = ["/venv/bin/python", "-c", script, String(workSeconds)];
  return Number((await execute(engine, container, command)).stdout);
}

/**
 * Waits until what users wait for takes no longer than it may.
 * @param measure how many times longer than on a free machine work takes at this moment
 * @throws UpdaterError `tooBusy` when it has lost its patience
 */
export async function untilQuiet(
  reporter: Reporter,
  measure: () => Promise<number>,
  { expectedMs, limitMs }: { readonly expectedMs: number; readonly limitMs: number },
  signal: AbortSignal,
  patience: { readonly intervalMs: number; readonly limitMs: number } = usualPatience,
): Promise<void> {
  // No quiet would help; guardrails have been asked about that.
  if (expectedMs > limitMs) return;
  const since = fromNow();
  let busy = { stretch: 1, expectedMs, limitMs };
  const otherwise = () => {
    throw new UpdaterError("tooBusy", { ...busy, minutes: patience.limitMs / 60_000 });
  };
  await waitTelling(reporter, async (found) => {
    const quiet = async () => {
      const stretch = await measure();
      busy = { stretch, expectedMs: expectedMs * stretch, limitMs };
      // Where it cannot be measured it is not waited for.
      const fits = !(stretch > noise && busy.expectedMs > limitMs);
      found(fits ? undefined : { kind: "processors", since, ...busy });
      return fits;
    };
    await until(quiet, { ...patience, otherwise, signal });
  });
}
