/** A signal that aborts once a time (milliseconds) has passed, with an error that says what took so long. */
export function timeLimit(limitMs: number, error: () => Error): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(error()), limitMs).unref();
  return controller.signal;
}
