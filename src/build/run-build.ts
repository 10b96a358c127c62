import type { Readable } from "node:stream";
import type { Engine } from "../engine/connect.ts";
import type { BuildLine } from "../engine/build-progress.ts";
import { buildImage, type BuildOptions } from "../engine/images.ts";
import { messageOf, UpdaterError } from "../errors.ts";
import type { Reporter } from "../instance/events.ts";

/** Milliseconds after which a build that gets nothing from a package index is given up. */
const buildLimitMs = 2 * 3_600_000;

/**
 * Builds an image and passes on what the build prints.
 * @throws Error with the reason that the program gave which failed in it, UpdaterError `buildTooLong`
 */
export async function runBuild(
  engine: Engine,
  context: Readable,
  options: BuildOptions,
  reporter: Reporter,
): Promise<void> {
  const last: BuildLine[] = [];
  const limit = AbortSignal.timeout(buildLimitMs);
  const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
  try {
    await buildImage(engine, context, { ...options, signal }, (line) => {
      if (line.what !== "begins") last.push(line);
      if (last.length > 200) last.shift();
      if (line.what !== "fails")
        reporter.event({ type: "output", source: "build", line: line.text });
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (limit.aborted) {
      const hours = buildLimitMs / 3_600_000;
      const doing = last.at(-1)?.text.trim() ?? "";
      throw new UpdaterError("buildTooLong", { image: options.tag, hours, doing }, error);
    }
    throw new Error(reasonIn(last) ?? messageOf(error), { cause: error });
  }
}

/** The builder itself only repeats the command that failed; what matters was printed by it just before. */
function reasonIn(lines: readonly BuildLine[]): string | undefined {
  // Steps beside the one that failed are cancelled.
  const failed = lines.find(({ what, text }) => what === "fails" && !/context canceled/.test(text));
  if (!failed) return undefined;
  const printed = lines.filter(({ what, step }) => what === "prints" && step === failed.step);
  const errors = printed.filter(({ text }) => /^\W*(error|e:|fatal)\b/i.test(text.trim()));
  // Why a package does not compile is not in what pip says last.
  const compiler = printed.find(({ text }) => /:\d+: (fatal )?error: /.test(text));
  const last = errors.at(-1) ?? printed.at(-1) ?? failed;
  return [...(compiler ? [compiler] : []), last].map(({ text }) => text.trim()).join(" – ");
}
