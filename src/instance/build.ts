import type { Readable } from "node:stream";
import type { Engine } from "../engine/connect.ts";
import { buildImage, type BuildOptions } from "../engine/images.ts";
import { messageOf } from "../errors.ts";
import type { Reporter } from "../reporter.ts";

/** Milliseconds after which a build that gets nothing from a package index is given up. */
const longest = 2 * 3_600_000;

/** A build that failed, with the reason the program that failed in it gave. */
class BuildError extends Error {}

/**
 * Builds an image and passes on what the build prints.
 * @throws BuildError
 */
export async function runBuild(
  engine: Engine,
  context: Readable,
  options: BuildOptions,
  reporter: Reporter,
): Promise<void> {
  const last: string[] = [];
  const limit = AbortSignal.timeout(longest);
  const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
  try {
    await buildImage(engine, context, { ...options, signal }, ({ text, isStep }) => {
      if (!isStep) last.push(text);
      if (last.length > 50) last.shift();
      reporter.event({ type: "output", source: "build", line: text });
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (limit.aborted) throw new BuildError(`not done within ${longest / 3_600_000} h`);
    throw new BuildError(reasonIn(last) ?? messageOf(error), { cause: error });
  }
}

/** The builder itself only repeats the command that failed; what matters was printed just before. */
function reasonIn(lines: readonly string[]): string | undefined {
  const errors = lines.filter((line) => /^\W*(error|e:|fatal)\b/i.test(line.trim()));
  return (errors.at(-1) ?? lines.at(-1))?.trim();
}
