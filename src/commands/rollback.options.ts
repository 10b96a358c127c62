import type { CommandLine, SupervisionFlags } from "./command-line.ts";

interface RollbackFlags extends SupervisionFlags {
  readonly acceptDataLoss?: boolean;
  readonly export?: string;
}

export function addRollback({ help, addOperation, choose }: CommandLine): void {
  addOperation("rollback")
    .option("--accept-data-loss", help.acceptDataLoss)
    .option(`--export <${help.values.folder}>`, help.exportLost)
    .action(async ({ acceptDataLoss = false, export: exportTo, ...flags }: RollbackFlags) => {
      const { exportLostCommand, rollbackCommand } = await import("./rollback.ts");
      if (exportTo !== undefined && !acceptDataLoss) return choose(exportLostCommand(exportTo));
      return choose(rollbackCommand({ acceptDataLoss, exportTo }), "rollback", flags);
    });
}
