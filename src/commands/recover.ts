import { examineConfiguration } from "../config/load.ts";
import { connectEngine } from "../engine/connect.ts";
import { exit, isError } from "../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { findInstance } from "../instance/read-instance.ts";
import { ensureServingRuns, recoverUnfinished, unfinishedInstance } from "../operations/recover.ts";
import { type Command, type Environment, openInstance } from "./command.ts";
import { reportRecovery } from "./operation-report.ts";

export const recoverCommand: Command = async (environment) => {
  const instance = await openToRecover(environment);
  const { recovery } = environment.catalogue.cli;
  const result = await recoverUnfinished(instance, environment.language, environment.signal);
  if (result) return reportRecovery(environment, result, exit.done);
  const busy = (await findInstance(instance.engine, instance.name))?.journal !== undefined;
  const started = busy ? [] : await ensureServingRuns(instance);
  const idle = started.length > 0 ? recovery.revived(started) : recovery.nothing;
  environment.print(busy ? recovery.busy : idle, { type: "recovered", busy, started });
  return exit.done;
};

/** Users may be waiting: a configuration that is not valid any more does not keep them from what was begun with a valid one. */
async function openToRecover(environment: Environment): Promise<Instance> {
  try {
    return await openInstance(environment, { recover: false, changes: true });
  } catch (error) {
    if (!isError(error, "configurationInvalid")) throw error;
    const { configuration } = await examineConfiguration(environment.configurationFile);
    const engine = await connectEngine();
    const unfinished =
      configuration && (await unfinishedInstance(engine, configuration.instance, environment));
    if (!unfinished) throw error;
    environment.reporter.event({ type: "warning", error });
    return unfinished;
  }
}
