import Docker from "dockerode";
import { messageOf, UpdaterError } from "../errors.ts";

/** A connection to Docker Engine; the rest of the program knows it only through this folder. */
export type Engine = Docker;

/** Engine 20.10, the oldest whose builder and API we are tested with. */
const oldestApi = [1, 41] as const;

/**
 * How long the engine may take to begin an answer, milliseconds: the end of a container, and of the upload of a
 * dump, are waited for. Whoever lets users wait gives up earlier.
 */
const answerLimit = 10 * 60_000;

/** The same for the first question, milliseconds. */
const greetingLimit = 30_000;

/**
 * Connects to the engine at DOCKER_HOST, or the local socket.
 * @throws UpdaterError `engineUnreachable` when nothing answers, `engineTooOld` below API 1.41
 */
export async function connectEngine(): Promise<Engine> {
  const engine = withLimit({}, greetingLimit);
  let api: string;
  try {
    ({ ApiVersion: api } = await engine.version());
  } catch (error) {
    throw new UpdaterError("engineUnreachable", { reason: messageOf(error) }, error);
  }
  if (!isRecent(api)) throw new UpdaterError("engineTooOld", { found: api });
  // Asked without a version, an engine leaves out what its own brought (one reading of the memory).
  return withLimit({ version: `v${api}` }, answerLimit);
}

/** The types do not know of the limit until an answer begins. */
function withLimit(options: Docker.DockerOptions, limit: number): Engine {
  const limited: Docker.DockerOptions & { connectionTimeout: number } = {
    ...options,
    connectionTimeout: limit,
  };
  return new Docker(limited);
}

/** 1.100 is newer than 1.41: versions are compared part by part. */
function isRecent(api: string): boolean {
  const [major = 0, minor = 0] = api.split(".").map(Number);
  return major > oldestApi[0] || (major === oldestApi[0] && minor >= oldestApi[1]);
}

/** The engine's answer says that the object is not there (any more). */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** The engine's answer says that the name is taken or the object is in use. */
export function isConflict(error: unknown): boolean {
  return statusOf(error) === 409;
}

/** The engine has refused what it was asked, or is not there to answer. */
export function isEngineError(error: unknown): boolean {
  if (statusOf(error) !== undefined) return true;
  const { code, syscall }: NodeJS.ErrnoException = error instanceof Error ? error : new Error();
  return code === "ECONNRESET" || code === "EPIPE" || syscall === "connect";
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && "statusCode" in error ? Number(error.statusCode) : undefined;
}

/** Runs an idempotent engine call: an object that is already gone is what the caller wanted. */
export async function unlessMissing(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
