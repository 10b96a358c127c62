import type { ExitCode, UpdaterError } from "../errors.ts";
import type { OperationRecord } from "../instance/state.ts";
import { asUpdaterError } from "../runner/known-error.ts";
import { exitCodes, type OperationResult } from "../runner/run.ts";
import type { Outcome } from "../runner/step.ts";
import type { StepName } from "../text/catalogue.ts";
import type { Environment } from "./command.ts";

/** Prints how an operation ended: what happened, what production is in now, what to type next. */
export function reportOperation(
  environment: Environment,
  result: OperationResult,
  success: string,
): ExitCode {
  const { catalogue } = environment;
  const { outcome } = result;
  const code = exitCodes[outcome.kind];
  const value = resultOf(result, code);
  if (outcome.kind === "done") {
    environment.print(success, value);
    return code;
  }
  const error = asUpdaterError(outcome.error);
  const { what, next: tryNext } = error.describe(catalogue);
  const { production, next = tryNext } = productionTexts(catalogue, result, outcome, error);
  const { errorLabel, stateLabel, nextLabel } = catalogue.cli;
  const undo =
    outcome.kind === "needs-human"
      ? `\n  ${asUpdaterError(outcome.undoError).describe(catalogue).what}`
      : "";
  environment.print(
    `${errorLabel}${what}${undo}\n${stateLabel}${production}\n${nextLabel}${next}`,
    {
      ...value,
      error: { code: error.code, what, next },
      production,
    },
  );
  return code;
}

/**
 * Prints how an operation ended that was taken up again.
 * @param undone exit code when that was by undoing it
 */
export function reportRecovery(
  environment: Environment,
  result: OperationResult,
  undone: ExitCode,
): ExitCode {
  const { cli, steps: names } = environment.catalogue;
  const { recovery } = cli;
  const { operation, from, to, outcome, tidied, steps } = result;
  if (outcome.kind !== "restored") {
    const done = Object.keys(steps).map((step) => names[step as StepName] ?? step);
    const success = tidied ? recovery.tidied(operation, to, done) : recovery.done(operation, to);
    return reportOperation(environment, result, success);
  }
  environment.print(recovery.restored(operation, to, from), resultOf(result, undone));
  return undone;
}

export const resultOf = (result: OperationResult, exitCode: ExitCode) => ({
  type: "result" as const,
  ...result,
  outcome: result.outcome.kind,
  exitCode,
});

/**
 * Shows how an operation ended whose updater could not say so any more.
 * @param since when it was asked for (ISO 8601)
 * @returns its exit code; undefined when the history does not tell of it
 */
export function reportRecorded(
  environment: Environment,
  history: readonly OperationRecord[],
  since: string,
): ExitCode | undefined {
  const record = history.findLast(({ startedAt }) => startedAt >= since);
  if (!record) return undefined;
  const { recovery, outcomes } = environment.catalogue.cli;
  const code = exitCodes[record.outcome];
  const text = recovery.ended(record.operation, record.to, outcomes[record.outcome]);
  environment.print(text, { type: "result", ...record, exitCode: code });
  return code;
}

/** What production is in, and what to type next where that matters more than the error's own advice. */
function productionTexts(
  catalogue: Environment["catalogue"],
  { from, to, servingNow = null }: OperationResult,
  outcome: Exclude<Outcome, { kind: "done" }>,
  error: UpdaterError,
): { readonly production: string; readonly next?: string } {
  const { production } = catalogue.cli;
  if (outcome.kind === "restored") {
    const advice = error.describe(catalogue).next;
    const logIsGone = from === null && advice.includes("updater logs");
    return {
      production: production.restored(from),
      ...(logIsGone && { next: production.removedNext }),
    };
  }
  if (outcome.kind === "clean-up-pending") return { production: production.cleanUpPending(to) };
  if (servingNow === null) {
    return { production: production.needsHuman, next: production.needsHumanNext };
  }
  if (error.code === "probationFailed") {
    return { production: production.probation(servingNow), next: production.probationNext };
  }
  return { production: production.untidy(servingNow) };
}
