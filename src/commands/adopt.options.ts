import { UpdaterError } from "../errors.ts";
import type { CommandLine, SupervisionFlags } from "./command-line.ts";

interface AdoptFlags extends SupervisionFlags {
  readonly write?: string;
  readonly report?: string;
  readonly standIn?: true;
  readonly asTagged?: true;
  readonly undo?: true;
}

export function addAdopt({ help, addOperation, choose }: CommandLine): void {
  addOperation("adopt", `[${help.values.where}]`)
    .option(`--write <${help.values.folder}>`, help.adoptWrite)
    .option(`--report <${help.values.file}>`, help.report)
    .option("--stand-in", help.adoptStandIn)
    .option("--as-tagged", help.adoptAsTagged)
    .option("--undo", help.adoptUndo)
    .action((where: string | undefined, flags: AdoptFlags) => {
      const { write, report, standIn, asTagged, undo, ...supervision } = flags;
      const looks = write !== undefined || report !== undefined;
      const asked = [looks && "--write, --report", standIn && "--stand-in", undo && "--undo"];
      const apart = asked.filter((one) => one !== false && one !== undefined);
      if (apart.length > 1) throw usage("conflict", apart.join(", "));
      if (asTagged && !standIn) throw usage("goesWith", "--as-tagged, --stand-in");
      if (standIn) {
        const load = async () =>
          (await import("./adopt.ts")).standInCommand(where, { asTagged: asTagged ?? false });
        return choose(load, "adopt --stand-in", supervision);
      }
      choose(async () => {
        const { adoptCommand, undoAdoptionCommand } = await import("./adopt.ts");
        return undo ? undoAdoptionCommand : adoptCommand(where, { write, report });
      });
    });
}

const usage = (kind: "conflict" | "goesWith", given: string) =>
  new UpdaterError("usage", { kind, given });
