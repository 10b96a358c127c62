import { connectEngine } from "../../src/engine/connect.ts";
import { imageLabels } from "../../src/engine/images.ts";
import { runBuild } from "../../src/build/run-build.ts";
import { contextOf, hashOf } from "../../src/build/build-context.ts";
import { certificates } from "../../src/build/own-images.ts";

/**
 * Builds an image of a server that tests need, unless it is there; it stays, as a cache.
 * @param dockerfile `ca-bundle.crt` is in its context
 * @returns its tag
 */
export async function testImage(name: string, dockerfile: string): Promise<string> {
  const engine = await connectEngine();
  const files = [{ path: "Dockerfile", content: Buffer.from(dockerfile), executable: false }];
  const tag = `biomaid-updater-test/${name}:${hashOf(files)}`;
  if ((await imageLabels(engine, tag)) !== undefined) return tag;
  const trust = await certificates({ caBundle: undefined, proxies: {} });
  const options = { tag, labels: {}, arguments: {} };
  await runBuild(engine, contextOf([...files, trust]), options, { event() {} });
  return tag;
}
