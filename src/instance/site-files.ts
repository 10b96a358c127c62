import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Configuration } from "../config/configuration.ts";
import { listFolder, readFiles } from "../engine/files.ts";
import type { Instance } from "./instance.ts";
import { paths } from "./names.ts";

/** Names that the site's files have in a generation's configuration volume. */
export const siteFile = {
  settings: "site_instance_settings.py",
  instanceConfig: "instance_config.toml",
  /** What `[site]` of updater.toml says itself; only the updater reads it. */
  site: "updater.json",
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
  const { hostNames, workers } = site;
  return new Map([
    [siteFile.site, Buffer.from(JSON.stringify({ hostNames, workers }))],
    ...(await Promise.all(
      sources.map(async ([name, file]) => [name, await readFile(file)] as const),
    )),
  ]);
}

/** The files of that name as a generation has them, which is as they were when it was made. */
export async function readServedFiles(
  { engine, names }: Instance,
  generation: number,
  wanted: readonly string[],
): Promise<ReadonlyMap<string, Buffer>> {
  const container = names.application(generation);
  const found = await readFiles(engine, container, paths.configuration, wanted);
  return new Map([...found].map(([name, { content }]) => [name, content]));
}

/**
 * Which of the site's files are not as a generation has them, by the names people know them by.
 * @returns nothing where that is unknown: its application's container is gone
 */
export async function changedSiteFiles(
  instance: Instance,
  generation: number,
): Promise<readonly string[] | undefined> {
  const now = await readSiteFiles(instance.configuration);
  // One that was taken away since is there still.
  const served = await listFolder(
    instance.engine,
    instance.names.application(generation),
    `${paths.configuration}/secrets`,
  );
  const wanted = [
    ...new Set([...now.keys(), siteFile.instanceConfig, ...served.map(siteFile.secret)]),
  ];
  const then = await readServedFiles(instance, generation, wanted);
  if (!then.has(siteFile.settings)) return undefined;
  const none = Buffer.of();
  const label = (name: string) =>
    name === siteFile.site ? basename(instance.configuration.file) : name.replace(/^site_/, "");
  return (
    wanted
      // An earlier updater did not write that one down.
      .filter((name) => name !== siteFile.site || then.has(name))
      .filter((name) => !(now.get(name) ?? none).equals(then.get(name) ?? none))
      .map(label)
  );
}

/**
 * Tells the site's files of one day apart from those of another. Too short to find out by trying what a secret
 * among them is.
 */
export async function siteDigest({
  configuration,
}: Pick<Instance, "configuration">): Promise<string> {
  const hash = createHash("sha256");
  for (const [name, content] of await readSiteFiles(configuration)) {
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 8);
}
