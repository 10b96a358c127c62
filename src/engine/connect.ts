import type Docker from "dockerode";
import { messageOf, UpdaterError } from "../errors.ts";
import { Client } from "./dockerode.ts";

/** A connection to Docker Engine. What can be asked of it are the functions of this folder. */
export class Engine {
  readonly #client: Docker;

  constructor(client: Docker) {
    this.#client = client;
  }

  /** Only for this folder, and for tests. */
  static clientOf(engine: Engine): Docker {
    return engine.#client;
  }
}

export const clientOf = (engine: Engine): Docker => Engine.clientOf(engine);

/** Engine 20.10, the oldest whose builder and API we are tested with. */
const oldestApi = [1, 41] as const;

/**
 * How long the engine may take to begin an answer: the end of a container, and of the upload of a
 * dump, are waited for. Steps that let users wait give up earlier.
 */
const answerLimitMs = 10 * 60_000;

/** The same for the first question. */
const greetingLimitMs = 30_000;

/**
 * Connects to the engine at DOCKER_HOST, or the local socket.
 * @throws UpdaterError `engineUnreachable` when nothing answers, `engineTooOld` below API 1.41
 */
export async function connectEngine(): Promise<Engine> {
  let api: string;
  try {
    ({ ApiVersion: api } = await withLimit({}, greetingLimitMs).version());
  } catch (error) {
    throw new UpdaterError("engineUnreachable", { reason: messageOf(error) }, error);
  }
  if (!isRecent(api)) throw new UpdaterError("engineTooOld", { found: api });
  // Asked without a version, an engine leaves out what its own brought (one reading of the memory).
  return new Engine(withLimit({ version: `v${api}` }, answerLimitMs));
}

/** The types do not know of the limit until an answer begins. */
function withLimit(options: Docker.DockerOptions, limitMs: number): Docker {
  const limited: Docker.DockerOptions & { connectionTimeout: number } = {
    ...options,
    connectionTimeout: limitMs,
  };
  return new Client(limited);
}

/** 1.100 is newer than 1.41: versions are compared part by part. */
function isRecent(api: string): boolean {
  const [major = 0, minor = 0] = api.split(".").map(Number);
  return major > oldestApi[0] || (major === oldestApi[0] && minor >= oldestApi[1]);
}

/** The engine's answer says that the object is not there (any more), or that it is being removed right now. */
export function isMissing(error: unknown): boolean {
  if (isConflict(error)) return /marked for removal/.test(messageOf(error));
  return statusOf(error) === 404;
}

/** The engine's answer says that the name is taken or the object is in use. */
export function isConflict(error: unknown): boolean {
  return statusOf(error) === 409;
}

/** The engine's answer says that there was nothing to do: what was to be started runs, what was to be stopped does not. */
export function isUnchanged(error: unknown): boolean {
  return statusOf(error) === 304;
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

/** What the engine answers about an object; undefined when it is not there (any more): often what was wanted. */
export async function unlessGone<Answer>(call: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
