import type { Readable } from "node:stream";
import { z } from "zod";
import { clientOf, type Engine, isConflict, unlessGone } from "./connect.ts";
import { filterBy, label, type Labels } from "./labels.ts";
import type { BuildLine } from "./build-progress.ts";

export interface BuildOptions {
  readonly tag: string;
  readonly labels: Labels;
  readonly arguments?: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly signal?: AbortSignal;
}

/**
 * Builds an image with BuildKit from a tar stream that holds the Dockerfile.
 * @param onLine called with each line the build prints
 * @throws Error with the builder's own message
 */
export async function buildImage(
  engine: Engine,
  context: Readable,
  options: BuildOptions,
  onLine: (line: BuildLine) => void,
): Promise<void> {
  // What reads its progress loads protobufjs, and few commands build.
  const { linesOf } = await import("./build-progress.ts");
  const answer = await clientOf(engine).buildImage(context, {
    version: "2",
    t: options.tag,
    labels: { ...options.labels },
    buildargs: { ...options.arguments },
    forcerm: true,
    ...(options.target && { target: options.target }),
    ...(options.signal && { abortSignal: options.signal }),
  });
  await untilBuilt(engine, answer, options.signal, (message) => {
    for (const line of linesOf(message)) onLine(line);
  });
}

/**
 * Follows what the builder says to its end.
 * @throws Error with the builder's own message
 */
export async function untilBuilt(
  engine: Engine,
  answer: NodeJS.ReadableStream,
  signal: AbortSignal | undefined,
  onMessage: (message: unknown) => void = () => undefined,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    clientOf(engine).modem.followProgress(
      answer,
      (error) => (error ? reject(error) : resolve()),
      (message: unknown) => {
        const failure = failureOf(message);
        if (failure) reject(new Error(failure));
        onMessage(message);
      },
    );
  });
}

const failure = z.object({ errorDetail: z.object({ message: z.string() }) });

/** The builder's own word that the build failed: its stream ends normally all the same. */
function failureOf(message: unknown): string | undefined {
  return failure.safeParse(message).data?.errorDetail.message;
}

/** Labels of an image, or nothing when there is no such image. */
export async function imageLabels(engine: Engine, tag: string): Promise<Labels | undefined> {
  const found = await unlessGone(clientOf(engine).getImage(tag).inspect());
  return found && (found.Config.Labels ?? {});
}

/** Id (digest of the configuration) of an image. */
export async function imageId(engine: Engine, tag: string): Promise<string> {
  return (await clientOf(engine).getImage(tag).inspect()).Id;
}

export async function listImages(engine: Engine, labels: Labels) {
  const images = await clientOf(engine).listImages({ filters: filterBy(labels) });
  return images.map(({ RepoTags, Created }) => ({
    tags: (RepoTags ?? []).filter((tag) => tag !== "<none>:<none>"),
    /** Milliseconds since the epoch. */
    createdAt: Created * 1000,
  }));
}

/**
 * Removes one tag of an image of ours (and the image with its last tag), unless a container was made
 * from it.
 * @returns whether it is gone
 */
export async function removeUnusedImage(engine: Engine, tag: string): Promise<boolean> {
  const labels = await imageLabels(engine, tag);
  if (labels?.[label.role] === undefined) return labels === undefined;
  try {
    await unlessGone(clientOf(engine).getImage(tag).remove());
    return true;
  } catch (error) {
    if (!isConflict(error)) throw error;
    return false;
  }
}

/** Bytes of an image, with the layers it shares. */
export async function imageSize(engine: Engine, tag: string): Promise<number> {
  return (await clientOf(engine).getImage(tag).inspect()).Size;
}

export async function listTags(engine: Engine, repository: string): Promise<string[]> {
  const images = await clientOf(engine).listImages({ filters: { reference: [repository] } });
  return images.flatMap(({ RepoTags }) => RepoTags ?? []);
}

/** When an image was made, milliseconds since the epoch; undefined when there is no such image. */
export async function imageCreatedAt(engine: Engine, tag: string): Promise<number | undefined> {
  const found = await unlessGone(clientOf(engine).getImage(tag).inspect());
  return found && Date.parse(found.Created);
}
