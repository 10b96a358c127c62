import { createRequire } from "node:module";
import protobuf from "protobufjs";
import { z } from "zod";

// dockerode ships BuildKit's message description but prints log bytes undecoded (5.0.1).
const description = createRequire(import.meta.url).resolve(
  "dockerode/lib/proto/buildkit_status.proto",
);
const statusResponse = protobuf.loadSync(description).lookupType("moby.buildkit.v1.StatusResponse");

const trace = z.object({ id: z.literal("moby.buildkit.trace"), aux: z.string() });

const status = z.object({
  vertexes: z
    .array(
      z.object({
        name: z.string().default(""),
        started: z.unknown().optional(),
        completed: z.unknown().optional(),
      }),
    )
    .default([]),
  logs: z.array(z.object({ msg: z.instanceof(Uint8Array) })).default([]),
});

/** A line of a build: of what runs in it, or the name of a step that the builder begins. */
export interface BuildLine {
  readonly text: string;
  readonly isStep: boolean;
}

/** What one message of the builder's stream says, in lines of text. */
export function linesOf(message: unknown): BuildLine[] {
  const parsed = trace.safeParse(message);
  if (!parsed.success) return [];
  const decoded = statusResponse.decode(Buffer.from(parsed.data.aux, "base64"));
  const { vertexes, logs } = status.parse(statusResponse.toObject(decoded));
  const begun = vertexes.filter(({ started, completed }) => started && !completed);
  const printed = logs.flatMap(({ msg }) => Buffer.from(msg).toString("utf8").split(/\r?\n/));
  return [
    ...begun.map(({ name }) => ({ text: name, isStep: true })),
    ...printed.map((text) => ({ text, isStep: false })),
  ].filter(({ text }) => text.trim() !== "");
}

const failure = z.object({ errorDetail: z.object({ message: z.string() }) });

/** The builder's own word that the build failed: its stream ends normally all the same. */
export function failureOf(message: unknown): string | undefined {
  return failure.safeParse(message).data?.errorDetail.message;
}
