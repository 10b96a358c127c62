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
