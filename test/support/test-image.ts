import { createHash } from "node:crypto";
import { connectEngine } from "../../src/engine/connect.ts";
import { imageLabels } from "../../src/engine/images.ts";
import { runBuild } from "../../src/build/run-build.ts";
import { tarOf } from "../../src/lib/tar.ts";
import { caBundleOf } from "../../src/build/own-images.ts";

/**
 * Builds an image of a server that tests need, unless it is there; it stays, as a cache.
 * @param dockerfile `ca-bundle.crt` is in its context
 * @returns its tag
 */
export async function testImage(name: string, dockerfile: string): Promise<string> {
  const engine = await connectEngine();
  const digest = createHash("sha256").update(dockerfile).digest("hex").slice(0, 16);
  const tag = `biomaid-updater-test/${name}:${digest}`;
  if ((await imageLabels(engine, tag)) !== undefined) return tag;
  const trust = await caBundleOf({ caBundle: undefined, proxies: {} });
  const context = tarOf((files) => {
    files.add({ name: "Dockerfile" }, dockerfile);
    files.add({ name: "ca-bundle.crt" }, trust);
  });
  const options = { tag, labels: {}, arguments: {} };
  await runBuild(engine, context, options, { event() {} });
  return tag;
}
