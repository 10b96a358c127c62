import { exit } from "../errors.ts";
import { viewInstance } from "../instance/view.ts";
import { listBackups } from "../operations/list-backups.ts";
import { type Command, openInstance } from "./command.ts";

export const backupsCommand: Command = async (environment) => {
  const { backupList, moment } = environment.catalogue.cli;
  const instance = await openInstance(environment, { recover: false });
  const view = await viewInstance(instance.engine, instance.name);
  const { backups, others } = await listBackups(instance, view, environment.signal);
  const lines = [
    ...backups.map((backup) => backupList.line(backup, moment(backup.takenAt))),
    ...others.map((file) => backupList.other(file, moment(file.writtenAt))),
  ];
  environment.print(lines.join("\n") || backupList.empty, { type: "backups", backups, others });
  return backups.some(({ damaged }) => damaged) ? exit.refused : exit.done;
};
