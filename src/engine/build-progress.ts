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
        digest: z.string(),
        name: z.string().default(""),
        started: z.unknown().optional(),
        completed: z.unknown().optional(),
        error: z.string().default(""),
      }),
    )
    .default([]),
  logs: z.array(z.object({ vertex: z.string(), msg: z.instanceof(Uint8Array) })).default([]),
});

/** A line of a build. */
export interface BuildLine {
  /** Its step begins, with this name; prints this; or fails, with this as the builder's own word. */
  readonly what: "begins" | "prints" | "fails";
  readonly step: string;
  readonly text: string;
}

/** What one message of the builder's stream says. */
export function linesOf(message: unknown): BuildLine[] {
  const parsed = trace.safeParse(message);
  if (!parsed.success) return [];
  const decoded = statusResponse.decode(Buffer.from(parsed.data.aux, "base64"));
  const { vertexes, logs } = status.parse(statusResponse.toObject(decoded));
  return [
    ...vertexes.flatMap(({ digest: step, name, started, completed, error }): BuildLine[] => {
      if (error !== "") return [{ what: "fails", step, text: error }];
      return started && !completed ? [{ what: "begins", step, text: name }] : [];
    }),
    ...logs.flatMap(({ vertex: step, msg }) =>
      Buffer.from(msg)
        .toString("utf8")
        .split(/\r?\n/)
        .map((text): BuildLine => ({ what: "prints", step, text })),
    ),
  ].filter(({ text }) => text.trim() !== "");
}
