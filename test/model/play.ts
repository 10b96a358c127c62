import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfiguration } from "../../src/config/load.ts";
import { instanceOf } from "../../src/instance/instance.ts";
import { init } from "../../src/operations/init.ts";
import { prune } from "../../src/operations/prune.ts";
import { recoverUnfinished } from "../../src/operations/recover.ts";
import { restore } from "../../src/operations/restore.ts";
import { rollback } from "../../src/operations/rollback.ts";
import { swap } from "../../src/operations/swap.ts";
import { tidyRemains } from "../../src/operations/tidy-remains.ts";
import { rehearse } from "../../src/rehearsal/rehearse.ts";
import type { OperationResult } from "../../src/runner/run.ts";
import { settle } from "./clock.ts";
import { modelEngine } from "./engine.ts";
import { type Data, emptyData, useWorld, World } from "./world.ts";

const folder = mkdtempSync(join(tmpdir(), "updater-model-"));
const file = join(folder, "updater.toml");
writeFileSync(join(folder, "instance_settings.py"), "", { mode: 0o600 });

async function configured(text: string) {
  writeFileSync(file, text);
  return instanceOf(await loadConfiguration(file), modelEngine, { event: () => undefined });
}

const least = `[source]
repository = "."
[local]
folder = "local_biomaid"
[site]
host_names = ["a.example.org"]
`;
export const instance = await configured(
  `${least}[hold]
max = "10s"
drain = "5s"
[probation]
duration = "10s"
[rollback]
snapshot_media = true
[backup]
before_swap = false
[jobs]
enabled = true
time_zone = "Europe/Paris"
[messages]
swap_banner = "Soon"
`,
);
/** Everything that an operation may have begun has been switched off by the time it is recovered. */
const reconfigured = await configured(`${least}[backup]\nbefore_swap = false\n`);
rmSync(folder, { recursive: true });
const language = "en";

/** What a person types. */
export type Command = (signal: AbortSignal) => Promise<OperationResult | undefined>;

const rollbackOptions = { acceptDataLoss: false, exportTo: undefined, language } as const;

export const commands = {
  init: async (signal) =>
    await init(instance, { tag: "1", fromDump: undefined, media: undefined, language }, signal),
  swap: async (signal) =>
    await swap(
      instance,
      { kind: "tag", tag: "2", local: undefined },
      { language, override: [] },
      signal,
    ),
  rollback: async (signal) => await rollback(instance, rollbackOptions, signal),
  restore: async (signal) =>
    await restore(instance, "backup", { language, acceptDataLoss: true }, signal),
  rehearse: async (signal) =>
    await rehearse(
      instance,
      { kind: "tag", tag: "2", local: undefined },
      { keep: false, language },
      signal,
    ),
  prune: async () => {
    await prune(instance);
    return undefined;
  },
  /** How every command begins. */
  recover: async (signal) => {
    const result = await recoverUnfinished(reconfigured, language, signal);
    await tidyRemains(reconfigured);
    return result;
  },
} satisfies Record<string, Command>;

/** How a command ended. */
export type Ending =
  | { readonly kind: "result"; readonly result: OperationResult | undefined }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "died" }
  /** It waits for something that never comes. */
  | { readonly kind: "stuck" };

/** Runs a command in a process of its own, until it ends, dies, or waits for ever. */
export async function run(world: World, command: Command): Promise<Ending> {
  let ending: Ending | undefined;
  command(world.interrupt.signal).then(
    (result) => (ending = { kind: "result", result }),
    (error: unknown) => (ending = { kind: "threw", error }),
  );
  for (;;) {
    await settle();
    if (world.dead) {
      ending = { kind: "died" };
      break;
    }
    if (ending) break;
    if (!world.clock.advance()) {
      ending = { kind: "stuck" };
      break;
    }
  }
  world.exit();
  return ending;
}

/** A site on which these commands were done, one after the other. */
export async function siteAfter(...done: readonly Command[]): Promise<Data> {
  let site = emptyData();
  for (const command of done) {
    const world = useWorld(new World(structuredClone(site), []));
    const ending = await run(world, command);
    if (ending.kind !== "result" || ending.result?.outcome.kind !== "done") {
      throw new Error(`the model cannot even do this undisturbed: ${JSON.stringify(ending)}`);
    }
    site = world.data;
  }
  return site;
}
