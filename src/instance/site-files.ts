import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Configuration } from "../config/configuration.ts";

/** Names that the site's files have in a generation's configuration volume. */
export const siteFile = {
  settings: "site_instance_settings.py",
  instanceConfig: "instance_config.toml",
  secret: (name: string) => `secrets/${basename(name)}`,
} as const;

/** The site's settings and secrets as they are now, by the name a generation has them under. */
export async function readSiteFiles(
  configuration: Pick<Configuration, "site" | "secrets">,
): Promise<ReadonlyMap<string, Buffer>> {
  const { site, secrets } = configuration;
  const sources = [
    [siteFile.settings, site.settings] as const,
    ...(site.instanceConfig ? [[siteFile.instanceConfig, site.instanceConfig] as const] : []),
    ...Object.entries(secrets).map(([name, file]) => [siteFile.secret(name), file] as const),
  ];
  return new Map(
    await Promise.all(sources.map(async ([name, file]) => [name, await readFile(file)] as const)),
  );
}
