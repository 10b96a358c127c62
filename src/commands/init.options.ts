import type { CommandLine, SupervisionFlags } from "./command-line.ts";

interface InitFlags extends SupervisionFlags {
  readonly fromDump?: string;
  readonly media?: string;
}

export function addInit({ help, addOperation, choose }: CommandLine): void {
  addOperation("init", "[TAG]")
    .option(`--from-dump <${help.values.file}>`, help.fromDump)
    .option(`--media <${help.values.folder}>`, help.initMedia)
    .action((tag: string | undefined, flags: InitFlags) => {
      const load = async () => (await import("./init.ts")).initCommand(tag, flags);
      choose(load, `init ${tag ?? ""}`.trimEnd(), flags);
    });
}
