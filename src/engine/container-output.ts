import { createInterface } from "node:readline";
import { PassThrough, type Readable, type Writable } from "node:stream";
import { printable, printableStream } from "../lib/printable.ts";
import { clientOf, type Engine, unlessGone } from "./connect.ts";

const both = { stdout: true, stderr: true } as const;

/** The last lines a container printed; none when it is gone. */
export async function lastLines(engine: Engine, name: string, count: number): Promise<string[]> {
  return linesOf(await unlessGone(framesIn(engine, name, { tail: count })));
}

/** Lines a container printed since a moment (milliseconds since the epoch). */
export async function linesSince(engine: Engine, name: string, since: number): Promise<string[]> {
  return linesOf(await framesIn(engine, name, { since: Math.floor(since / 1000) }));
}

/** What a container printed to each stream; undefined when it is gone. */
export async function outputOf(engine: Engine, id: string) {
  const frames = await unlessGone(framesIn(engine, id));
  if (!frames) return undefined;
  const of = (stream: number) => textOf(frames.filter((frame) => frame.stream === stream));
  return { stdout: of(1), stderr: of(2) };
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
    clientOf(engine).modem.dial(call, (error, stream) =>
      error instanceof Error ? reject(error) : resolve(stream as Readable),
    );
  });
  const output = textFrom(engine, raw);
  raw.once("error", (error) => output.destroy(error));
  const stop = () => raw.destroy(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    yield* createInterface({ input: output });
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener("abort", stop);
    raw.destroy();
  }
}

/** Lines of a container's standard output since it was created, as they come, up to where it stops. */
export async function* followLines(
  engine: Engine,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const log = (await clientOf(engine).getContainer(id).logs({
    stdout: true,
    stderr: false,
    follow: true,
    abortSignal: signal,
  })) as NodeJS.ReadableStream & { destroy(): void };
  const output = textFrom(engine, log);
  // The engine's connection may end without a word when the engine does.
  for (const end of ["close", "error"]) log.once(end, () => output.end());
  try {
    yield* createInterface({ input: output });
  } finally {
    log.destroy();
  }
}

/** Lines of both streams of a container that was created, from its very first on; start it afterwards. */
export async function attachLines(engine: Engine, id: string): Promise<AsyncIterable<string>> {
  const connection = await clientOf(engine)
    .getContainer(id)
    .attach({ stream: true, ...both });
  return createInterface({ input: textFrom(engine, connection) });
}

/**
 * Writes the last lines that a container printed, of both streams; on a terminal without what would command it.
 * @param follow goes on until it stops, or `signal` aborts, or `output` has no reader any more
 */
export async function copyLog(
  engine: Engine,
  name: string,
  output: Writable & { readonly isTTY?: boolean },
  { follow, tail, signal }: { follow: boolean; tail: number; signal: AbortSignal },
): Promise<void> {
  if (!follow) {
    const text = textOf(await framesIn(engine, name, { tail }));
    output.write(output.isTTY ? printable(text) : text);
    return;
  }
  const selection = { ...both, tail, follow: true } as const;
  const stream = await clientOf(engine).getContainer(name).logs(selection);
  const text = textFrom(engine, stream);
  const shown = output.isTTY ? text.pipe(printableStream()) : text;
  shown.pipe(output, { end: false });
  await new Promise<void>((resolve) => {
    shown.once("end", resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    output.once("error", () => resolve());
  });
}

/** Bytes of memory a container's processes hold, without files the kernel keeps for them. */
export async function memoryOf(engine: Engine, name: string): Promise<number> {
  const { memory_stats: memory } = await clientOf(engine)
    .getContainer(name)
    .stats({ stream: false, "one-shot": true });
  const held: Partial<Record<string, number>> = { ...memory.stats };
  // The first version of control groups counts a container alone, unless asked for the total.
  const total = "total_active_anon" in held ? "total_" : "";
  return (held[`${total}active_anon`] ?? 0) + (held[`${total}inactive_anon`] ?? 0);
}

/** What is in a stream of the engine's, up to its end: it marks what came from which of a container's. */
function textFrom(engine: Engine, stream: NodeJS.ReadableStream): PassThrough {
  const text = new PassThrough();
  clientOf(engine).modem.demuxStream(stream, text, text);
  stream.once("end", () => text.end());
  return text;
}

interface Frame {
  /** 1: standard output; 2: standard error. */
  readonly stream: number;
  readonly content: Buffer;
}

/** Each frame has a header of eight bytes: first its stream, in the last four the length of its content. */
async function framesIn(
  engine: Engine,
  name: string,
  selection: { readonly tail?: number; readonly since?: number } = {},
): Promise<Frame[]> {
  const container = clientOf(engine).getContainer(name);
  const raw = await container.logs({ ...both, ...selection, follow: false });
  const frames = [];
  for (let at = 0; at + 8 <= raw.length;) {
    const end = at + 8 + raw.readUInt32BE(at + 4);
    frames.push({ stream: raw.readUInt8(at), content: raw.subarray(at + 8, end) });
    at = end;
  }
  return frames;
}

const textOf = (frames: readonly Frame[]) =>
  Buffer.concat(frames.map(({ content }) => content)).toString("utf8");

const linesOf = (frames: readonly Frame[] = []) => textOf(frames).split("\n").filter(Boolean);
