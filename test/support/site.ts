import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa, type ResultPromise } from "execa";
import { buildMiniature, tags } from "./miniature.ts";

const root = join(import.meta.dirname, "..", "..");

/** A site of the miniature BiomAid, with an instance of its own on the engine. */
export interface Site {
  readonly instance: string;
  readonly folder: string;
  readonly origin: string;
  /** The two repositories its configuration names. */
  readonly repositories: { readonly biomaid: string; readonly local: string };
  /** Starts `bin/updater` with this site's configuration. */
  updater(...argv: readonly string[]): ResultPromise<typeof options>;
  /** A dump of the first release, with users who can sign in. */
  readonly dump: string;
  /** Writes updater.toml again, with other tables laid over the usual ones. */
  configure(overrides: Readonly<Record<string, string>>): Promise<void>;
  /** Deletes the instance and the folder. */
  remove(): Promise<void>;
}

const options = { reject: false, all: true, stdin: "ignore", env: { LC_ALL: "C" } } as const;

/** Makes a site; nothing is on the engine yet. */
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
    probation: `duration = "1s"\ninterval = "1s"`,
    build: `extras = []
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
      execa(join(root, "bin/updater"), ["--config", join(folder, "updater.toml"), ...argv], options),
    async configure(overrides) {
      const tables = Object.entries({ ...usual, ...overrides });
      const text = tables.map(([name, keys]) => (name === "" ? keys : `[${name}]\n${keys}`));
      await writeFile(join(folder, "updater.toml"), `${text.join("\n\n")}\n`);
    },
    async remove() {
      await site.updater("destroy", "--yes", instance);
      await rm(folder, { recursive: true, force: true });
    },
  };
  await site.configure({});
  return site;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
