import { UpdaterError } from "../errors.ts";
import type { CommandLine, SupervisionFlags } from "./command-line.ts";

interface RestoreFlags extends SupervisionFlags {
  readonly acceptDataLoss?: boolean;
  readonly into?: string;
}

export function addRestore({ help, addOperation, choose }: CommandLine): void {
  addOperation("restore", `<${help.values.name}>`)
    .option("--accept-data-loss", help.acceptRestoreLoss)
    .option(`--into <${help.values.folder}>`, help.restoreInto)
    .action((name: string, { acceptDataLoss = false, into, ...flags }: RestoreFlags) => {
      const module = async () => await import("./restore.ts");
      if (into === undefined) {
        const load = async () => (await module()).restoreCommand(name, { acceptDataLoss });
        return choose(load, `restore ${name}`, flags);
      }
      if (acceptDataLoss || flags.detach || flags.foreground) {
        const given = "--into, --accept-data-loss, --detach, --foreground";
        throw new UpdaterError("usage", { kind: "conflict", given, command: "restore" });
      }
      return choose(async () => (await module()).restoreIntoCommand(name, into));
    });
}
