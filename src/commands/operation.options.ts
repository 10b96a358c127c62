import { UpdaterError } from "../errors.ts";
import type { CommandLine, SupervisionFlags } from "./command-line.ts";

interface InitFlags extends SupervisionFlags {
  readonly fromDump?: string;
}

export function addInit({ help, addOperation, choose }: CommandLine): void {
  addOperation("init", "[TAG]")
    .option(`--from-dump <${help.values.file}>`, help.fromDump)
    .action(async (tag: string | undefined, flags: InitFlags) => {
      const { initCommand } = await import("./init.ts");
      choose(initCommand(tag, flags), `init ${tag ?? ""}`.trimEnd(), flags);
    });
}

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

interface RestoreFlags extends SupervisionFlags {
  readonly acceptDataLoss?: boolean;
  readonly into?: string;
}

export function addRestore({ help, addOperation, choose }: CommandLine): void {
  addOperation("restore", "<NAME>")
    .option("--accept-data-loss", help.acceptRestoreLoss)
    .option(`--into <${help.values.folder}>`, help.restoreInto)
    .action(async (name: string, { acceptDataLoss = false, into, ...flags }: RestoreFlags) => {
      const { restoreCommand, restoreIntoCommand } = await import("./restore.ts");
      if (into === undefined) {
        return choose(restoreCommand(name, { acceptDataLoss }), `restore ${name}`, flags);
      }
      if (acceptDataLoss || flags.detach || flags.foreground) {
        const given = "--into, --accept-data-loss, --detach, --foreground";
        throw new UpdaterError("usage", { kind: "conflict", given, command: "restore" });
      }
      return choose(restoreIntoCommand(name, into));
    });
}
