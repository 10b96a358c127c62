import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Configuration } from "../../../src/config/configuration.ts";
import { loadConfiguration } from "../../../src/config/load.ts";
import { hookPoints } from "../../../src/config/schema.ts";
import type { Instance } from "../../../src/instance/instance.ts";
import type { BareMetal } from "../../../src/instance/state.ts";
import { initSteps } from "../../../src/operations/init.ts";
import { restoreSteps } from "../../../src/operations/restore.ts";
import { rollbackSteps } from "../../../src/operations/rollback.ts";
import { swapSteps } from "../../../src/operations/swap.ts";
import { rehearsalSteps } from "../../../src/rehearsal/rehearse.ts";

/** Tables of updater.toml that bring steps of their own. */
const features = {
  hooks: hookPoints.map((point) => `[hooks.${point}]\nrun = "/bin/true"`).join("\n"),
  jobs: `[jobs]\nenabled = true\ntime_zone = "Europe/Paris"`,
  backup: `[backup]\nkinds = ["dump", "json"]\nbefore_swap = true`,
  snapshots: `[backup.snapshots]\nrepository = "."\npassword_file = "instance_settings.py"`,
  media: `[rollback]\nsnapshot_media = true`,
  banner: `[messages]\nswap_banner = "Soon"`,
  mail: `[messages.mail]\ngroups = ["everyone"]`,
  news: `[messages.whats_new]\nenabled = true`,
  sanitize: `[rehearse]\nsanitize = "instance_settings.py"`,
} as const;
type Feature = keyof typeof features;
const all = Object.keys(features) as Feature[];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "updater-steps-"));
  writeFileSync(join(folder, "instance_settings.py"), "", { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true }));

async function configurationWith(chosen: readonly Feature[]): Promise<Configuration> {
  const least = `[source]\nrepository = "."\n[local]\nfolder = "local_biomaid"\n[site]\nhost_names = ["a.example.org"]`;
  const file = join(folder, "updater.toml");
  writeFileSync(file, [least, ...chosen.map((feature) => features[feature])].join("\n"));
  return await loadConfiguration(file);
}

/** Names of the steps of each operation, in order. */
function operationsOf(configuration: Configuration): Record<string, string[]> {
  const instance = { configuration } as Instance;
  const versions = { release: { tag: "0.8.1" }, serving: { tag: "0.8.0" } };
  type Named = readonly { readonly name: string }[];
  const both = ({ prepare, finish }: { prepare: Named; finish: Named }) => [...prepare, ...finish];
  const named = (steps: Named) => steps.map(({ name }) => name);
  const bareMetal = {} as BareMetal;
  const twice = [true, false];
  return {
    init: named(initSteps({ dump: undefined, media: {} })),
    "init --from-dump": named(initSteps({ dump: { kind: "archive" }, media: undefined })),
    "init --from-dump of JSON": named(initSteps({ dump: { kind: "fixture" }, media: undefined })),
    swap: named(both(swapSteps({ instance, ...versions }))),
    rollback: named([
      ...rollbackSteps({ instance }).prepare,
      ...rollbackSteps({ instance }).finish,
    ]),
    ...Object.fromEntries(
      twice.flatMap((fixture) =>
        twice.map((media) => {
          const { prepare, finish } = restoreSteps({ instance }, { fixture, media });
          return [`restore ${fixture} ${media}`, named([...prepare, ...finish])];
        }),
      ),
    ),
    rehearse: named(rehearsalSteps({ instance, keep: false, serving: {} })),
    "rehearse --keep": named(rehearsalSteps({ instance, keep: true, serving: {} })),
    "adopt --rehearse": named(rehearsalSteps({ instance, keep: false, serving: { bareMetal } })),
    "adopt --switch": named(
      both(
        swapSteps({ instance, release: versions.release, serving: { tag: "0.8.1", bareMetal } }),
      ),
    ),
    "rollback to an installation by hand": named(
      both(rollbackSteps({ instance, previous: { bareMetal } })),
    ),
  };
}

const repeated = (names: readonly string[]) =>
  names.filter((name, index) => names.indexOf(name) !== index);

describe("recovery finds steps by name: no operation has two of one", () => {
  test.each([
    ["nothing", []],
    ["everything", all],
    ...all.map((feature) => [`only ${feature}`, [feature]] as const),
    ...all.map((feature) => [`all but ${feature}`, all.filter((one) => one !== feature)] as const),
  ] as [string, Feature[]][])("with %s configured", async (_, chosen) => {
    const operations = operationsOf(await configurationWith(chosen));
    for (const [operation, names] of Object.entries(operations)) {
      expect(repeated(names), operation).toEqual([]);
    }
  });
});
