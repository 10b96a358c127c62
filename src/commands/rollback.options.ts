import type { CommandLine, SupervisionFlags } from "./command-line.ts";

interface RollbackFlags extends SupervisionFlags {
  readonly acceptDataLoss?: boolean;
  readonly export?: string;
}

export function addRollback({ help, addOperation, choose }: CommandLine): void {
  addOperation("rollback")
    .option("--accept-data-loss", help.acceptDataLoss)
    .option(`--export <${help.values.folder}>`, help.exportLost)
    .action(({ acceptDataLoss = false, export: exportTo, ...flags }: RollbackFlags) => {
      const module = async () => await import("./rollback.ts");
      if (exportTo !== undefined && !acceptDataLoss) {
        return choose(async () => (await module()).exportLostCommand(exportTo));
      }
      const load = async () => (await module()).rollbackCommand({ acceptDataLoss, exportTo });
      return choose(load, "rollback", flags);
    });
}
