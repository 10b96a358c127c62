import { UpdaterError } from "../errors.ts";
import type { CommandLine, SupervisionFlags } from "./command-line.ts";

interface AdoptFlags extends SupervisionFlags {
  readonly write?: string;
  readonly report?: string;
  readonly standIn?: true;
  readonly asTagged?: true;
  readonly rehearse?: true;
  readonly keep?: true;
  readonly switch?: true;
  readonly at?: string;
  readonly override?: string[];
  readonly restartDatabase?: true;
  readonly finish?: true;
  readonly undo?: true;
}

export function addAdopt({ help, addOperation, choose }: CommandLine): void {
  const adopt = addOperation("adopt", `[${help.values.where}]`);
  adopt
    .option(`--write <${help.values.folder}>`, help.adoptWrite)
    .option(`--report <${help.values.file}>`, help.report)
    .option("--stand-in", help.adoptStandIn)
    .option("--as-tagged", help.adoptAsTagged)
    .option("--rehearse", help.adoptRehearse)
    .option("--keep", help.keep)
    .option("--switch", help.adoptSwitch)
    .addOption(
      adopt
        .createOption(`--at <${help.values.moment}>`, help.at)
        .conflicts(["detach", "foreground"]),
    )
    .option("--restart-database", help.adoptRestartDatabase)
    .option(
      `--override <${help.values.name}>`,
      help.override,
      (name: string, earlier: string[] | undefined) => [...(earlier ?? []), name],
    )
    .option("--finish", help.adoptFinish)
    .option("--undo", help.adoptUndo)
    .action((where: string | undefined, flags: AdoptFlags) => {
      refuseMixed(flags);
      const { write, report, standIn, asTagged, finish, undo, ...others } = flags;
      const { override = [], restartDatabase = false, ...more } = others;
      const { switch: switches, rehearse, keep, at, ...supervision } = more;
      const agreed = { override, restartDatabase };
      const module = async () => await import("./move-in.ts");
      if (rehearse) {
        const options = { keep: keep ?? false, report };
        const load = async () => (await module()).rehearseMoveCommand(where, options);
        return choose(load, "adopt --rehearse", supervision);
      }
      if (at !== undefined) {
        const schedule = async () => await import("./scheduled.ts");
        const target = { kind: "move" } as const;
        return choose(async () => (await schedule()).scheduleSwapCommand(target, at, agreed));
      }
      if (switches) {
        const load = async () => (await module()).switchCommand(where, agreed);
        return choose(load, "adopt --switch", supervision);
      }
      if (standIn) {
        const options = { asTagged: asTagged ?? false };
        const load = async () => (await module()).standInCommand(where, options);
        return choose(load, "adopt --stand-in", supervision);
      }
      choose(async () => {
        if (finish) return (await module()).finishAdoptionCommand;
        if (undo) return (await module()).undoAdoptionCommand;
        return (await import("./adopt.ts")).adoptCommand(where, { write, report });
      });
    });
}

/** @throws UpdaterError `usage` where more than one thing is asked for, or what belongs to another */
function refuseMixed(flags: AdoptFlags): void {
  const { write, report, standIn, asTagged, override, finish, undo } = flags;
  const { switch: switches, rehearse, keep, at, restartDatabase } = flags;
  const looks = write !== undefined || (report !== undefined && !rehearse);
  const asked = [
    looks && "--write, --report",
    standIn && "--stand-in",
    rehearse && "--rehearse",
    switches && "--switch",
    finish && "--finish",
    undo && "--undo",
  ];
  const apart = asked.filter((one) => one !== false && one !== undefined);
  if (apart.length > 1) throw usage("conflict", apart.join(", "));
  if (asTagged && !standIn) throw usage("goesWith", "--as-tagged, --stand-in");
  if (override && !switches) throw usage("goesWith", "--override, --switch");
  if (restartDatabase && !switches) throw usage("goesWith", "--restart-database, --switch");
  if (keep && !rehearse) throw usage("goesWith", "--keep, --rehearse");
  if (at !== undefined && !switches) throw usage("goesWith", "--at, --switch");
}

const usage = (kind: "conflict" | "goesWith", given: string) =>
  new UpdaterError("usage", { kind, given });
