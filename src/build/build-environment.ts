import type { BuildSettings, Configuration, KeptUrl } from "../config/configuration.ts";
import { readUrl } from "../config/kept-url.ts";
import type { BuildEnvironment } from "./own-images.ts";

/** What builds need to reach the package registries from this site. */
export async function buildEnvironmentOf(
  configuration: Pick<Configuration, "build">,
): Promise<BuildEnvironment> {
  const { caBundle, httpProxy, httpsProxy, noProxy } = configuration.build;
  const proxies: Record<string, string> = {};
  const add = async (name: string, proxy: KeptUrl | undefined) => {
    if (proxy) proxies[name] = await readUrl(proxy);
  };
  await add("HTTP_PROXY", httpProxy);
  await add("HTTPS_PROXY", httpsProxy);
  if (noProxy.length > 0) proxies["NO_PROXY"] = noProxy.join(",");
  return { caBundle, proxies };
}

/** The image a release's Python comes from: the site's choice, or the one set-up made. */
export function pythonImageOf(build: BuildSettings): string {
  return build.image ?? `biomaid-updater/python:${build.python}`;
}
