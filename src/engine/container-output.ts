import { createInterface } from "node:readline";
import { PassThrough, type Readable } from "node:stream";
import { type Engine, isMissing } from "./connect.ts";

/** The last lines a container printed; none when it is gone. */
export async function lastLines(engine: Engine, name: string, count: number): Promise<string[]> {
  try {
    const raw = await engine
      .getContainer(name)
      .logs({ stdout: true, stderr: true, follow: false, tail: count });
    return textOfFrames(raw).split("\n").filter(Boolean);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Lines a container printed since a moment (milliseconds since the epoch). */
export async function linesSince(engine: Engine, name: string, since: number): Promise<string[]> {
  const raw = await engine
    .getContainer(name)
    .logs({ stdout: true, stderr: true, follow: false, since: Math.floor(since / 1000) });
  return textOfFrames(raw).split("\n").filter(Boolean);
}

/** Everything a container printed that the engine still has, a line at a time: there may be 100 MB of it. */
export async function* printedLines(
  engine: Engine,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const raw = await new Promise<Readable>((resolve, reject) => {
    // dockerode gathers what is not followed into one buffer.
    const path = `/containers/${name}/logs?`;
    const options = { stdout: true, stderr: false };
    const statusCodes = { 200: true, 404: "no such container", 500: "server error" };
    const call = { path, method: "GET", isStream: true, options, statusCodes } as const;
    engine.modem.dial(call, (error, stream) =>
      error instanceof Error ? reject(error) : resolve(stream as Readable),
    );
  });
  const text = new PassThrough();
  engine.modem.demuxStream(raw, text, text);
  raw.once("end", () => text.end()).once("error", (error) => text.destroy(error));
  const stop = () => raw.destroy(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    yield* createInterface({ input: text });
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener("abort", stop);
    raw.destroy();
  }
}

/** Bytes of memory a container's processes hold, without files the kernel keeps for them. */
export async function memoryOf(engine: Engine, name: string): Promise<number> {
  const { memory_stats: memory } = await engine
    .getContainer(name)
    .stats({ stream: false, "one-shot": true });
  const held: Partial<Record<string, number>> = { ...memory.stats };
  // The first version of control groups counts a container alone, unless asked for the total.
  const total = "total_active_anon" in held ? "total_" : "";
  return (held[`${total}active_anon`] ?? 0) + (held[`${total}inactive_anon`] ?? 0);
}

/** What a container printed, of both streams in the order it came. */
function textOfFrames(raw: Buffer): string {
  return framesOf(raw)
    .map(({ text }) => text)
    .join("");
}

/** What a container printed to each stream. */
export function splitLog(raw: Buffer): { readonly stdout: string; readonly stderr: string } {
  const of = (stream: number) =>
    framesOf(raw)
      .filter((frame) => frame.stream === stream)
      .map(({ text }) => text)
      .join("");
  return { stdout: of(1), stderr: of(2) };
}

/** Each frame has a header of eight bytes: first its stream, in the last four the length of its text. */
function framesOf(raw: Buffer): { readonly stream: number; readonly text: string }[] {
  const frames = [];
  for (let at = 0; at + 8 <= raw.length;) {
    const length = raw.readUInt32BE(at + 4);
    frames.push({ stream: raw.readUInt8(at), text: raw.toString("utf8", at + 8, at + 8 + length) });
    at += 8 + length;
  }
  return frames;
}
