import { backUp } from "../operations/backup.ts";
import { type Command, openInstance } from "./command.ts";
import { reportOperation } from "./operation-report.ts";

export const backupCommand: Command = async (environment) => {
  const { catalogue, language, signal } = environment;
  const instance = await openInstance(environment);
  const result = await backUp(instance, { language }, signal);
  const { backedUp, snapshotTaken } = catalogue.cli;
  const lines = result.backups.map((backup) => backedUp(backup));
  if (result.snapshot) lines.push(snapshotTaken(result.snapshot));
  const success = lines.join("\n");
  return reportOperation(environment, result, success);
};
