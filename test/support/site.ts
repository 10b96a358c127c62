import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa, type ResultPromise } from "execa";
import { freePort } from "./instance.ts";
import { buildMiniature, tags } from "./miniature.ts";
import { surroundings } from "./surroundings.ts";

const root = join(import.meta.dirname, "..", "..");

/** A site of the miniature BiomAid, with an instance of its own on the engine. */
export interface Site {
  readonly instance: string;
  readonly folder: string;
  readonly origin: string;
  /** The two repositories and the settings its configuration names. */
  readonly repositories: {
    readonly biomaid: string;
    readonly local: string;
    readonly settings: string;
  };
  /** Starts `bin/updater` with this site's configuration. */
  updater(...argv: readonly string[]): ResultPromise<typeof options>;
  /** Runs `bin/updater --json` to its end; `watch` is told each event, and may type Ctrl-C or kill -9. */
  operate(
    argv: readonly string[],
    watch?: (event: UpdaterEvent, ctrlC: () => void, kill: () => void) => void,
  ): Promise<Operation>;
  /** A dump of the first release, with users who can sign in. */
  readonly dump: string;
  /** Writes updater.toml again, with other tables laid over the usual ones. */
  configure(overrides: Readonly<Record<string, string>>): Promise<void>;
  /** Deletes the instance and the folder. */
  remove(): Promise<void>;
}

/** A line of `--json`: an event, or how it all ended. */
type UpdaterEvent = { readonly type: string; readonly step?: string } & Readonly<
  Record<string, unknown>
>;

/** How a run of the updater ended. */
export interface Operation {
  readonly exitCode: number | undefined;
  /** What it printed last. */
  readonly result: UpdaterEvent;
  /** Steps it began, in order. */
  readonly steps: readonly string[];
  /** Everything it said, to be shown when it did not end as expected. */
  readonly transcript: string;
}

const options = { reject: false, all: true, stdin: "ignore", env: { LC_ALL: "C" } } as const;

/** Makes a site; what an earlier one of that name left on the engine is removed. */
export async function createSite(instance: string): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), `biomaid-${instance}-`));
  const repositories = await buildMiniature(join(tmpdir(), "biomaid-miniature"));
  const port = await freePort();
  const dump = join(folder, "tests_db.json");
  const show = ["-C", repositories.biomaid, "show", `${tags.first}:fixtures/tests_db.json`];
  await writeFile(dump, (await execa("git", show)).stdout);
  const usual: Record<string, string> = {
    "": `instance = "${instance}"`,
    source: `repository = "${repositories.biomaid}"`,
    local: `repository = "${repositories.local}"\nref = "same-tag"`,
    site: `settings = "${repositories.settings}"\nhost_names = ["localhost"]`,
    listen: `address = "127.0.0.1"\nport = ${port}`,
    backup: "before_swap = false",
    probation: `duration = "1s"\ninterval = "1s"`,
    build: `extras = []
${await surroundings(folder)}
[[build.versions]]
from = "0.8"
python = "3.11"
groups = []
[[build.versions]]
from = "0.13"
python = "3.11"
groups = ["tests"]`,
  };
  const site: Site = {
    instance,
    folder,
    origin: `http://127.0.0.1:${port}`,
    repositories,
    dump,
    updater: (...argv) =>
      execa(
        join(root, "bin/updater"),
        ["--config", join(folder, "updater.toml"), ...argv],
        options,
      ),
    operate: async (argv, watch) => await operate(site, argv, watch),
    async configure(overrides) {
      const tables = Object.entries({ ...usual, ...overrides });
      const text = tables.map(([name, keys]) => (name === "" ? keys : `[${name}]\n${keys}`));
      await writeFile(join(folder, "updater.toml"), `${text.join("\n\n")}\n`);
    },
    async remove() {
      await destroy(site);
      await rm(folder, { recursive: true, force: true });
    },
  };
  await site.configure({});
  await destroy(site);
  return site;
}

async function operate(
  site: Site,
  argv: readonly string[],
  watch?: Parameters<Site["operate"]>[1],
): Promise<Operation> {
  const running = site.updater("--json", ...argv);
  const events: UpdaterEvent[] = [];
  for await (const line of createInterface({ input: running.stdout })) {
    const event = JSON.parse(line) as UpdaterEvent;
    events.push(event);
    const send = (signal: "SIGINT" | "SIGKILL") => () => void running.kill(signal);
    watch?.(event, send("SIGINT"), send("SIGKILL"));
  }
  const { exitCode, all } = await running;
  return {
    exitCode,
    result: events.at(-1) ?? { type: "nothing" },
    steps: events.flatMap(({ type, step }) => (type === "step-started" && step ? [step] : [])),
    transcript: `updater ${argv.join(" ")} ended with ${exitCode}:\n${all}`,
  };
}

async function destroy(site: Site): Promise<void> {
  const { exitCode, all } = await site.updater("destroy", "--yes", site.instance);
  if (exitCode !== 0) throw new Error(`updater destroy ended with ${exitCode}: ${all}`);
}
