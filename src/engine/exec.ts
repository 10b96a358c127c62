import { PassThrough, type Duplex, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { clientOf, type Engine } from "./connect.ts";

export interface ExecOptions {
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
}

/** A program that runs in a container with its streams attached. */
export interface Session {
  readonly stdin: Duplex;
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
  /** Resolves with the exit status once the program has ended. */
  readonly ended: Promise<number>;
}

/** Starts a program in a running container and stays connected to it. */
export async function openSession(
  engine: Engine,
  container: string,
  command: readonly string[],
  options: ExecOptions = {},
): Promise<Session> {
  const exec = await clientOf(engine)
    .getContainer(container)
    .exec({
      Cmd: [...command],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      ...(options.user && { User: options.user }),
      ...(options.workingDirectory && { WorkingDir: options.workingDirectory }),
      Env: Object.entries(options.environment ?? {}).map(([key, value]) => `${key}=${value}`),
    });
  const connection = await exec.start({ hijack: true, stdin: true });
  return demultiplex(engine, connection, async () => (await exec.inspect()).ExitCode ?? -1);
}

/** Splits the engine's multiplexed stream; `exitStatus` is asked once the stream has ended. */
export function demultiplex(
  engine: Engine,
  connection: Duplex,
  exitStatus: () => Promise<number>,
): Session {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  clientOf(engine).modem.demuxStream(connection, stdout, stderr);
  const ended = new Promise<number>((resolve, reject) => {
    connection.once("error", (error) => {
      // What was still being written to a program that has ended is no loss of ours: its status tells.
      if (!connection.readableEnded) reject(error);
    });
    connection.once("close", () => {
      stdout.end();
      stderr.end();
      exitStatus().then(resolve, reject);
    });
  });
  // A session that is not waited for any more must not end the process when its container goes away.
  ended.catch(() => undefined);
  connection.once("end", () => {
    // A program may end so soon after its input that we hear of that first: the writer has not failed.
    const finishing = connection.writableEnded && !connection.writableFinished;
    if (finishing) connection.once("finish", () => connection.destroy());
    else connection.destroy();
  });
  return { stdin: connection, stdout, stderr, ended };
}

/**
 * Gives a program its input. One that ends by itself before it has read all of it is no error here: `ended` tells
 * whether it had what it needed.
 * @throws what the input failed with, or `signal` was aborted with
 */
export async function feed(
  { stdin }: Session,
  input: Readable,
  signal: AbortSignal,
): Promise<void> {
  try {
    await pipeline(input, stdin, { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (!stdin.readableEnded) throw error;
  }
}

/** Bytes: far more than a program that is asked something answers, and far less than a string can hold. */
const outputLimit = 64 * 2 ** 20;

/**
 * Runs a program in a running container to its end.
 * @throws Error when it prints more than 64 MiB
 */
export async function execute(
  engine: Engine,
  container: string,
  command: readonly string[],
  options: ExecOptions = {},
): Promise<{ status: number; stdout: string; stderr: string }> {
  const session = await openSession(engine, container, command, options);
  try {
    const [stdout, stderr, status] = await Promise.all([
      printed(session.stdout, container),
      printed(session.stderr, container),
      session.ended,
    ]);
    return { status, stdout, stderr };
  } finally {
    // Of one that has printed too much nobody reads the rest.
    session.stdin.destroy();
  }
}

async function printed(stream: Readable, container: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > outputLimit) {
      throw new Error(`${container}: a program has printed more than ${outputLimit} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
