import { isEngineError } from "../engine/connect.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import { isDatabaseError } from "../postgres/connect.ts";

/** Anything thrown, as an error that says what happened; what was not foreseen is `internal`. */
export function asUpdaterError(thrown: unknown): UpdaterError {
  if (thrown instanceof UpdaterError) return thrown;
  const reason = messageOf(thrown);
  if (isEngineError(thrown)) return new UpdaterError("engineRefuses", { reason }, thrown);
  if (isDatabaseError(thrown)) return new UpdaterError("databaseRefuses", { reason }, thrown);
  return new UpdaterError("internal", { reason }, thrown);
}
