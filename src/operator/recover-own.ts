import { type Environment, openInstance } from "../commands/command.ts";
import { reportRecorded, reportRecovery } from "../commands/operation-report.ts";
import { exit, type ExitCode, isError, UpdaterError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { backupThere, rehearsalThere } from "../rehearsal/rehearsal.ts";
import type { Journal } from "../instance/journal.ts";
import { until } from "../lib/until.ts";
import type { OperationRecord } from "../instance/state.ts";
import { findInstance } from "../instance/read-instance.ts";
import { tidyRemains } from "../operations/tidy-remains.ts";
import { recoverUnfinished } from "../operations/recover.ts";

/** How long an engine that starts may be busy with other things first. */
const engineLimitMs = 5 * 60_000;
/** How long the lock of one's former life may take to go. */
const lockLimitMs = 60_000;
const intervalMs = 500;

/** Ends what this operator had begun before it was killed. */
export async function recoverOwn(environment: Environment): Promise<ExitCode> {
  const instance = await onceTheEngineAnswers(environment);
  let code: ExitCode | undefined;
  let journal: Journal | undefined;
  const ended = async () => {
    await tidyRemains(instance);
    const result = await recoverUnfinished(instance, environment.language, environment.signal);
    if (result) {
      code = reportRecovery(environment, result, exit.restored);
      return true;
    }
    const view = await findInstance(instance.engine, instance.name);
    journal = view?.journal;
    const left = (await rehearsalThere(instance)) === "remains" || (await backupThere(instance));
    if (journal || left) return false;
    code = reportEnd(environment, view?.state.history ?? []);
    return true;
  };
  const otherwise = () => {
    throw new UpdaterError("unfinished", journal ?? { operation: "rehearse", to: "" });
  };
  await until(ended, { intervalMs, limitMs: lockLimitMs, otherwise });
  return code ?? exit.done;
}

/** Whether the journal still tells of an operation. */
export async function isUnfinished(environment: Environment): Promise<boolean> {
  const { engine, name } = await onceTheEngineAnswers(environment);
  return (await findInstance(engine, name))?.journal !== undefined;
}

async function onceTheEngineAnswers(environment: Environment): Promise<Instance> {
  let instance: Instance | undefined;
  let away: unknown;
  const opened = async () => {
    try {
      instance = await openInstance(environment, { recover: false });
      return true;
    } catch (error) {
      if (!isError(error, "engineUnreachable")) throw error;
      away = error;
      return false;
    }
  };
  const otherwise = () => {
    throw away;
  };
  await until(opened, { intervalMs, limitMs: engineLimitMs, otherwise });
  if (!instance) throw away;
  return instance;
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
