import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { loadConfiguration } from "../../src/config/load.ts";

/** The least that updater.toml has to say. */
export const least = `[source]
repository = "https://forge.example.org/biomaid.git"
[local]
folder = "local_biomaid"
[site]
host_names = ["biomaid.example.org"]
`;

/** Gives each test of a file a folder with the settings of a site, for updater.toml and what that names. */
export function useConfigurationFolder() {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "updater-config-"));
    writeFileSync(join(folder, "instance_settings.py"), "");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const path = (...names: readonly string[]) => join(folder, ...names);
  const write = (name: string, content = "", mode = 0o600) => {
    writeFileSync(path(name), content);
    chmodSync(path(name), mode);
    return path(name);
  };
  const load = (text: string) => loadConfiguration(write("updater.toml", text));
  return { path, write, load };
}
