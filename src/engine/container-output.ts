import { createInterface } from "node:readline";
import { PassThrough, type Readable, type Writable } from "node:stream";
import { clientOf, type Engine, unlessGone } from "./connect.ts";

/** The last lines a container printed; none when it is gone. */
export async function lastLines(engine: Engine, name: string, count: number): Promise<string[]> {
  const selection = { stdout: true, stderr: true, follow: false, tail: count } as const;
  const raw = await unlessGone(clientOf(engine).getContainer(name).logs(selection));
  return raw ? textOfFrames(raw).split("\n").filter(Boolean) : [];
}

/** Lines a container printed since a moment (milliseconds since the epoch). */
export async function linesSince(engine: Engine, name: string, since: number): Promise<string[]> {
  const raw = await clientOf(engine)
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
    clientOf(engine).modem.dial(call, (error, stream) =>
      error instanceof Error ? reject(error) : resolve(stream as Readable),
    );
  });
  const text = new PassThrough();
  clientOf(engine).modem.demuxStream(raw, text, text);
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
  const output = new PassThrough();
  clientOf(engine).modem.demuxStream(log, output, output);
  // The engine's connection may end without a word when the engine does.
  for (const end of ["end", "close", "error"]) log.once(end, () => output.end());
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
    .attach({ stream: true, stdout: true, stderr: true });
  const output = new PassThrough();
  clientOf(engine).modem.demuxStream(connection, output, output);
  connection.once("end", () => output.end());
  return createInterface({ input: output });
}

/**
 * Writes the last lines that a container printed, of both streams.
 * @param follow goes on until it stops, or `signal` aborts, or `output` has no reader any more
 */
export async function copyLog(
  engine: Engine,
  name: string,
  output: Writable,
  { follow, tail, signal }: { follow: boolean; tail: number; signal: AbortSignal },
): Promise<void> {
  const { modem } = clientOf(engine);
  const container = clientOf(engine).getContainer(name);
  const selection = { stdout: true, stderr: true, tail } as const;
  const both = new PassThrough();
  both.pipe(output, { end: false });
  if (!follow) {
    const whole = new PassThrough();
    modem.demuxStream(whole, both, both);
    whole.end(await container.logs({ ...selection, follow: false }));
    return;
  }
  const stream = await container.logs({ ...selection, follow: true });
  modem.demuxStream(stream, both, both);
  await new Promise<void>((resolve) => {
    stream.once("end", resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    output.once("error", () => resolve());
  });
}

/** What a container printed to each stream; undefined when it is gone. */
export async function outputOf(
  engine: Engine,
  id: string,
): Promise<{ readonly stdout: string; readonly stderr: string } | undefined> {
  const selection = { stdout: true, stderr: true, follow: false } as const;
  const raw = await unlessGone(clientOf(engine).getContainer(id).logs(selection));
  return raw && splitLog(raw);
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

/** What a container printed, of both streams in the order it came. */
function textOfFrames(raw: Buffer): string {
  return framesOf(raw)
    .map(({ text }) => text)
    .join("");
}

function splitLog(raw: Buffer): { readonly stdout: string; readonly stderr: string } {
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
