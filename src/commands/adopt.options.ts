import { UpdaterError } from "../errors.ts";
import type { CommandLine, SupervisionFlags } from "./command-line.ts";

interface AdoptFlags extends SupervisionFlags {
  readonly write?: string;
  readonly report?: string;
  readonly standIn?: true;
  readonly asTagged?: true;
  readonly switch?: true;
  readonly override?: string[];
  readonly finish?: true;
  readonly undo?: true;
}

export function addAdopt({ help, addOperation, choose }: CommandLine): void {
  addOperation("adopt", `[${help.values.where}]`)
    .option(`--write <${help.values.folder}>`, help.adoptWrite)
    .option(`--report <${help.values.file}>`, help.report)
    .option("--stand-in", help.adoptStandIn)
    .option("--as-tagged", help.adoptAsTagged)
    .option("--switch", help.adoptSwitch)
    .option(
      `--override <${help.values.name}>`,
      help.override,
      (name: string, earlier: string[] | undefined) => [...(earlier ?? []), name],
    )
    .option("--finish", help.adoptFinish)
    .option("--undo", help.adoptUndo)
    .action((where: string | undefined, flags: AdoptFlags) => {
      const { write, report, standIn, asTagged, override, finish, undo, ...others } = flags;
      const { switch: switches, ...supervision } = others;
      const looks = write !== undefined || report !== undefined;
      const asked = [
        looks && "--write, --report",
        standIn && "--stand-in",
        switches && "--switch",
        finish && "--finish",
        undo && "--undo",
      ];
      const apart = asked.filter((one) => one !== false && one !== undefined);
      if (apart.length > 1) throw usage("conflict", apart.join(", "));
      if (asTagged && !standIn) throw usage("goesWith", "--as-tagged, --stand-in");
      if (override && !switches) throw usage("goesWith", "--override, --switch");
      if (switches) {
        const load = async () =>
          (await import("./move-in.ts")).switchCommand(where, { override: override ?? [] });
        return choose(load, "adopt --switch", supervision);
      }
      if (standIn) {
        const load = async () =>
          (await import("./move-in.ts")).standInCommand(where, { asTagged: asTagged ?? false });
        return choose(load, "adopt --stand-in", supervision);
      }
      choose(async () => {
        if (finish) return (await import("./move-in.ts")).finishAdoptionCommand;
        if (undo) return (await import("./move-in.ts")).undoAdoptionCommand;
        return (await import("./adopt.ts")).adoptCommand(where, { write, report });
      });
    });
}

const usage = (kind: "conflict" | "goesWith", given: string) =>
  new UpdaterError("usage", { kind, given });
