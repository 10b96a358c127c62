import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { isThere } from "./docker.ts";
import { freePort } from "./free-port.ts";
import { buildMiniature, tags } from "./miniature.ts";
import { surroundings } from "./surroundings.ts";
import { type Updater, updaterOf } from "./updater.ts";

/** What a site is, for another process too. */
export interface Place {
  readonly instance: string;
  readonly folder: string;
  readonly port: number;
  /** The two repositories and the settings its configuration names. */
  readonly repositories: {
    readonly biomaid: string;
    readonly local: string;
    readonly settings: string;
  };
}

/** A site of the miniature BiomAid, with an instance of its own on the engine, and the updater of it. */
export interface Site extends Place, Updater {
  readonly origin: string;
  /** A dump of the first release, with users who can sign in. */
  readonly dump: string;
  /** Writes updater.toml again, with other tables laid over the usual ones. */
  configure(overrides: Readonly<Record<string, string>>): Promise<void>;
  /** Deletes the instance and the folder. */
  remove(): Promise<void>;
}

/** Makes a site; what an earlier one of that name left on the engine is removed. */
export async function createSite(instance: string): Promise<Site> {
  const site = siteAt({
    instance,
    folder: await mkdtemp(join(tmpdir(), `biomaid-${instance}-`)),
    port: await freePort(),
    repositories: await buildMiniature(join(tmpdir(), "biomaid-miniature")),
  });
  const show = ["-C", site.repositories.biomaid, "show", `${tags.first}:fixtures/tests_db.json`];
  await writeFile(site.dump, (await execa("git", show)).stdout);
  await site.configure({});
  if (await isThere(instance)) {
    // From another folder; what is no instance any more is in none.
    await site.run("relocate");
    await destroy(site);
  }
  return site;
}

/** A site that is there. */
export function siteAt(place: Place): Site {
  const { folder, port } = place;
  const configuration = join(folder, "updater.toml");
  const site: Site = {
    ...place,
    ...updaterOf(configuration),
    origin: `http://127.0.0.1:${port}`,
    dump: join(folder, "tests_db.json"),
    async configure(overrides) {
      const tables = Object.entries({ ...(await usualTables(place)), ...overrides });
      const text = tables.map(([name, keys]) => (name === "" ? keys : `[${name}]\n${keys}`));
      await writeFile(configuration, `${text.join("\n\n")}\n`);
    },
    async remove() {
      await destroy(site);
      await rm(folder, { recursive: true, force: true });
    },
  };
  return site;
}

async function usualTables(place: Place): Promise<Record<string, string>> {
  const { instance, folder, port, repositories } = place;
  return {
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
}

async function destroy(site: Site): Promise<void> {
  await site.does("destroy", "--yes", site.instance);
}
