import type { Command as Commander } from "commander";
import { UpdaterError } from "../errors.ts";
import type { Catalogue } from "../text/catalogue.ts";
import type { Choose, SupervisionFlags } from "./choose.ts";

interface RestoreFlags extends SupervisionFlags {
  readonly acceptDataLoss?: true;
  readonly into?: string;
}

interface Adding {
  readonly add: (name: "backups") => Commander;
  readonly addOperation: (name: "backup" | "restore", usage?: string) => Commander;
}

/** Backups, what there is of them, and the way back from one. */
export function addBackups(
  { values, ...help }: Catalogue["cli"]["help"],
  { add, addOperation }: Adding,
  choose: Choose,
): void {
  addOperation("backup").action(async (flags: SupervisionFlags) =>
    choose((await import("./backup.ts")).backupCommand, "backup", flags),
  );
  add("backups").action(async () => choose((await import("./backups.ts")).backupsCommand));
  addOperation("restore", "<NAME>")
    .option("--accept-data-loss", help.acceptRestoreLoss)
    .option(`--into <${values.folder}>`, help.restoreInto)
    .action(async (name: string, { acceptDataLoss, into, ...flags }: RestoreFlags) => {
      const { restoreCommand, restoreIntoCommand } = await import("./restore.ts");
      if (into !== undefined) {
        if (acceptDataLoss || flags.detach || flags.foreground) {
          const given = "--into, --accept-data-loss, --detach, --foreground";
          throw new UpdaterError("usage", { kind: "conflict", given, command: "restore" });
        }
        return choose(restoreIntoCommand(name, into));
      }
      const command = restoreCommand(name, { acceptDataLoss: acceptDataLoss ?? false });
      choose(command, `restore ${name}`, flags);
    });
}
