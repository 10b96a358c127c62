import { exit, type ExitCode } from "../errors.ts";
import { findInstance } from "../instance/read-instance.ts";
import type { OperationResult } from "../runner/run.ts";
import { recoverUnfinished, ensureServingRuns } from "../operations/recover.ts";
import { type Command, type Environment, openInstance } from "./command.ts";
import { reportOperation } from "./operation-report.ts";

export const recoverCommand: Command = async (environment) => {
  const instance = await openInstance(environment, { recover: false });
  const { recovery } = environment.catalogue.cli;
  const result = await recoverUnfinished(instance, environment.language, environment.signal);
  if (result) return reportRecovery(environment, result);
  const busy = (await findInstance(instance.engine, instance.name))?.journal !== undefined;
  const started = busy ? [] : await ensureServingRuns(instance);
  const idle = started.length > 0 ? recovery.revived(started) : recovery.nothing;
  environment.print(busy ? recovery.busy : idle, { type: "recovered", busy, started });
  return exit.done;
};

/** An operation that was undone has been recovered as well as one that was finished. */
function reportRecovery(environment: Environment, result: OperationResult): ExitCode {
  const { recovery } = environment.catalogue.cli;
  const { operation, from, to, outcome } = result;
  if (outcome.kind !== "restored") {
    return reportOperation(environment, result, recovery.done(operation, to));
  }
  const value = { type: "result", ...result, outcome: outcome.kind, exitCode: exit.done };
  environment.print(recovery.restored(operation, to, from), value);
  return exit.done;
}
