import { setTimeout as delay } from "node:timers/promises";
import { type Environment, openInstance } from "../commands/command.ts";
import { reportOperation, reportRecorded } from "../commands/operation-report.ts";
import { exit, type ExitCode, UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { backupThere, rehearsalThere } from "../rehearsal/rehearsal.ts";
import type { OperationRecord } from "../instance/state.ts";
import { findInstance } from "../instance/read-instance.ts";
import { tidyRemains } from "../operations/tidy-remains.ts";
import type { OperationResult } from "../runner/run.ts";
import { recoverUnfinished } from "../operations/recover.ts";

/** How long an engine that starts may be busy with other things first, milliseconds. */
const engineLimit = 5 * 60_000;
/** How long the lock of one's former life may take to go, milliseconds. */
const lockLimit = 60_000;
const interval = 500;

/** Ends what this operator had begun before it was killed. */
export async function recoverOwn(environment: Environment): Promise<ExitCode> {
  const instance = await onceTheEngineAnswers(environment);
  const deadline = performance.now() + lockLimit;
  for (;;) {
    await tidyRemains(instance);
    const result = await recoverUnfinished(instance, environment.language, environment.signal);
    if (result) return report(environment, result);
    const view = await findInstance(instance.engine, instance.name);
    const left = (await rehearsalThere(instance)) === "remains" || (await backupThere(instance));
    if (!view?.journal && !left) {
      return reportEnd(environment, view?.state.history ?? []);
    }
    if (performance.now() > deadline) {
      throw new UpdaterError("unfinished", view?.journal ?? { operation: "rehearse", to: "" });
    }
    await delay(interval);
  }
}

/** Whether the journal still tells of an operation. */
export async function isUnfinished(environment: Environment): Promise<boolean> {
  const { engine, name } = await onceTheEngineAnswers(environment);
  return (await findInstance(engine, name))?.journal !== undefined;
}

async function onceTheEngineAnswers(environment: Environment): Promise<Instance> {
  const deadline = performance.now() + engineLimit;
  for (;;) {
    try {
      return await openInstance(environment, { recover: false });
    } catch (error) {
      const away = error instanceof UpdaterError && error.code === "engineUnreachable";
      if (!away || performance.now() > deadline) throw error;
      await delay(interval);
    }
  }
}

function report(environment: Environment, result: OperationResult): ExitCode {
  const { recovery } = environment.catalogue.cli;
  const { operation, from, to, outcome } = result;
  if (outcome.kind !== "restored") {
    return reportOperation(environment, result, recovery.done(operation, to));
  }
  const code = exit.restored;
  const value = { type: "result", ...result, outcome: outcome.kind, exitCode: code };
  environment.print(recovery.restored(operation, to, from), value);
  return code;
}

/** It was killed before its first step, or after its last. */
function reportEnd(environment: Environment, history: readonly OperationRecord[]): ExitCode {
  const recorded = reportRecorded(environment, history, process.env["UPDATER_SINCE"] ?? "");
  if (recorded !== undefined) return recorded;
  const code = exit.restored;
  environment.print(environment.catalogue.cli.recovery.notBegun, {
    type: "result",
    exitCode: code,
  });
  return code;
}
