import pWaitFor from "p-wait-for";

export interface UntilOptions {
  /** Between two looks. */
  readonly intervalMs: number;
  readonly limitMs: number;
  /** Called once the limit has passed; what it throws is thrown. */
  readonly otherwise: () => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/** Looks again and again until a condition holds. What it throws ends the waiting. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  { intervalMs, limitMs, otherwise, signal }: UntilOptions,
): Promise<void> {
  let late = false;
  await pWaitFor(condition, {
    interval: intervalMs,
    timeout: { milliseconds: limitMs, fallback: () => void (late = true) },
    // Each look leaves a listener: they go with a signal of this call's own, not with one that lives for weeks.
    ...(signal && { signal: AbortSignal.any([signal]) }),
  });
  if (late) await otherwise();
}
