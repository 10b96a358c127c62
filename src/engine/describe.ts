import { tarOf } from "../lib/tar.ts";
import { clientOf, type Engine } from "./connect.ts";
import { untilBuilt } from "./images.ts";

/** What kind of engine this is, and the moment it thinks it is (milliseconds since the epoch). */
export async function describeEngine(engine: Engine) {
  const [{ Version, ApiVersion }, { Driver, SystemTime }] = await Promise.all([
    clientOf(engine).version(),
    clientOf(engine).info() as Promise<{ Driver: string; SystemTime: string }>,
  ]);
  return { version: Version, api: ApiVersion, driver: Driver, now: Date.parse(SystemTime) };
}

/**
 * Lets BuildKit build on an image, without keeping a result.
 * @throws Error with the builder's own message
 */
export async function tryBuilder(
  engine: Engine,
  image: string,
  signal: AbortSignal,
): Promise<void> {
  const context = tarOf((files) => files.add({ name: "Dockerfile" }, `FROM ${image}\nRUN true\n`));
  const answer = await clientOf(engine).buildImage(context, {
    version: "2",
    // The types know the query of an engine older than BuildKit.
    ...({ outputs: JSON.stringify([{ Type: "cacheonly" }]) } as object),
    networkmode: "none",
    nocache: true,
    abortSignal: signal,
  });
  await untilBuilt(engine, answer, signal);
}
