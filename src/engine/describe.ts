import { tarOf } from "../lib/tar.ts";
import { clientOf, type Engine } from "./connect.ts";
import { failureOf } from "./build-progress.ts";

/** What kind of engine this is, and the moment it thinks it is (milliseconds since the epoch). */
export async function describeEngine(
  engine: Engine,
): Promise<{ version: string; api: string; driver: string; now: number }> {
  const [{ Version, ApiVersion }, info] = await Promise.all([
    clientOf(engine).version(),
    clientOf(engine).info() as Promise<{ Driver: string; SystemTime: string }>,
  ]);
  const { Driver, SystemTime } = info;
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
  await new Promise<void>((resolve, reject) => {
    clientOf(engine).modem.followProgress(
      answer,
      (error) => (error ? reject(error) : resolve()),
      (message: unknown) => {
        const failure = failureOf(message);
        if (failure) reject(new Error(failure));
      },
    );
  });
}
