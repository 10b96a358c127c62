import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { type Duplex, Readable } from "node:stream";
import { constants, createGunzip, gunzipSync } from "node:zlib";
import { messageOf, UpdaterError } from "../errors.ts";

/** A file that an instance can start from. */
export interface Dump {
  /** `pg_dump` archive, `pg_dump` SQL, or what Django's `dumpdata` writes. */
  readonly kind: "archive" | "sql" | "fixture";
  readonly compression: "none" | "gzip" | "bzip2";
  /** As people know it. */
  readonly path: string;
  /** Its content; what bzip2 has packed is left to the reader, Node cannot unpack it. */
  read(): Promise<Readable>;
}

/** Content whose end its reader does not get, but an error, where it is not what has this checksum (SHA-256). */
export function comparedWith(
  sha256: string,
  content: Readable,
  otherwise: () => unknown,
): Readable {
  return Readable.from(compared(sha256, content, otherwise), { objectMode: false });
}

async function* compared(sha256: string, content: Readable, otherwise: () => unknown) {
  const hash = createHash("sha256");
  let last: Buffer | undefined;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    hash.update(chunk);
    if (last) yield last;
    last = chunk;
  }
  if (hash.digest("hex") !== sha256) throw otherwise();
  if (last) yield last;
}

/**
 * Recognises a dump by how it begins.
 * @throws UpdaterError `dumpUnreadable`, `notADump`
 */
export async function recogniseDump(path: string): Promise<Dump> {
  const start = await firstBytes(path);
  // Only BiomAid's own `backup` writes these.
  if (start.subarray(0, 3).equals(Buffer.from("BZh"))) {
    return { kind: "fixture", compression: "bzip2", path, read: reading(path) };
  }
  const compressed = start[0] === 0x1f && start[1] === 0x8b;
  const kind = kindOf(compressed ? beginningOf(start) : start);
  if (kind === undefined) throw new UpdaterError("notADump", { file: path });
  const unpack = compressed ? createGunzip : undefined;
  return { kind, compression: compressed ? "gzip" : "none", path, read: reading(path, unpack) };
}

function kindOf(start: Buffer): Dump["kind"] | undefined {
  if (start.subarray(0, 5).equals(Buffer.from("PGDMP"))) return "archive";
  const text = start.toString("utf8").trimStart();
  if (text.startsWith("[")) return "fixture";
  return /^--\s*\n-- PostgreSQL database dump/.test(text) ? "sql" : undefined;
}

/** What the first bytes of a gzip file unpack to; nothing when they don't. */
function beginningOf(start: Buffer): Buffer {
  try {
    return gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0);
  }
}

async function firstBytes(path: string): Promise<Buffer> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw new UpdaterError("dumpUnreadable", { file: path, reason: messageOf(error) }, error);
  }
}

function reading(path: string, unpack?: () => Duplex): Dump["read"] {
  return () => {
    const file = createReadStream(path);
    return Promise.resolve(unpack ? file.pipe(unpack()) : file);
  };
}
