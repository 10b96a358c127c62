import { exit } from "../errors.ts";
import { findInstance } from "../instance/read-instance.ts";
import { recoverUnfinished, ensureServingRuns } from "../operations/recover.ts";
import { type Command, openInstance } from "./command.ts";
import { reportRecovery } from "./operation-report.ts";

export const recoverCommand: Command = async (environment) => {
  const instance = await openInstance(environment, { recover: false });
  const { recovery } = environment.catalogue.cli;
  const result = await recoverUnfinished(instance, environment.language, environment.signal);
  if (result) return reportRecovery(environment, result, exit.done);
  const busy = (await findInstance(instance.engine, instance.name))?.journal !== undefined;
  const started = busy ? [] : await ensureServingRuns(instance);
  const idle = started.length > 0 ? recovery.revived(started) : recovery.nothing;
  environment.print(busy ? recovery.busy : idle, { type: "recovered", busy, started });
  return exit.done;
};
