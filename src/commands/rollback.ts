import { resolve } from "node:path";
import { exportLost } from "../reverse-replication/export-lost.ts";
import { readInstance } from "../instance/read-instance.ts";
import { rollback } from "../operations/rollback.ts";
import { keepScheduler } from "../scheduled/keep-scheduler.ts";
import { type Command, openInstance } from "./command.ts";
import { reportOperation } from "./operation-report.ts";

interface RollbackOptions {
  readonly acceptDataLoss: boolean;
  /** Folder for what is lost. */
  readonly exportTo: string | undefined;
}

export const rollbackCommand =
  ({ acceptDataLoss, exportTo }: RollbackOptions): Command =>
  async (environment) => {
    const { cli, standIn } = environment.catalogue;
    const instance = await openInstance(environment);
    const folder = exportTo === undefined ? undefined : resolve(exportTo);
    const result = await rollback(
      instance,
      { acceptDataLoss, exportTo: folder, language: environment.language },
      environment.signal,
    );
    // What was installed by hand has its own lines of cron.
    await keepScheduler(instance);
    const { serving } = await readInstance(instance.engine, instance.name);
    const machine = serving?.bareMetal?.sources;
    const done =
      machine === undefined
        ? cli.done.rollback(result.to, result.from ?? "")
        : standIn.returned(result.to, machine);
    const lines = [done, cli.lost(result.lost)];
    if (result.files && result.files.missing > 0) lines.push(cli.filesMissing(result.files));
    if (folder !== undefined && result.lost?.length !== 0) lines.push(cli.exported(folder));
    if (machine !== undefined) lines.push(standIn.afterReturning);
    return reportOperation(environment, result, lines.join("\n"));
  };

/** `rollback --export` alone */
export const exportLostCommand =
  (exportTo: string): Command =>
  async (environment) => {
    const { cli } = environment.catalogue;
    const instance = await openInstance(environment);
    const folder = resolve(exportTo);
    const lost = await exportLost(instance, folder, environment.signal);
    const text =
      lost.length === 0 ? cli.nothingToExport : `${cli.wouldLose(lost)}\n${cli.exported(folder)}`;
    environment.print(text, { type: "exported", folder, lost });
  };
