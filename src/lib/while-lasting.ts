/** Waits for work, and tells what it waits for where that lasts: what `look` finds. */
export type TellWaiting<Wait> = <Result>(
  look: () => Wait | undefined | Promise<Wait | undefined>,
  work: Promise<Result>,
) => Promise<Result>;

/**
 * Waits for work, and calls `look` when it has lasted for so long, and again each time as much has passed since the last
 * look ended. What a look throws is let go: it is about the work, and not part of it.
 * @param everyMs milliseconds
 */
export async function whileLasting<Result>(
  work: Promise<Result>,
  everyMs: number,
  look: (signal: AbortSignal) => void | Promise<void>,
): Promise<Result> {
  const ended = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const watch = () => {
    timer = setTimeout(() => void lookAndGoOn(), everyMs).unref();
  };
  const lookAndGoOn = async () => {
    await Promise.try(look, ended.signal).catch(() => undefined);
    if (!ended.signal.aborted) watch();
  };
  watch();
  try {
    return await work;
  } finally {
    ended.abort();
    clearTimeout(timer);
  }
}
