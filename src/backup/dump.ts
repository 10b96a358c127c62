import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { type Duplex, pipeline, Readable } from "node:stream";
import { constants, createGunzip, gunzipSync } from "node:zlib";
import { messageOf, UpdaterError } from "../errors.ts";

/** A file that an instance can start from. */
export interface Dump {
  /** `pg_dump` archive, `pg_dump` SQL, or what Django's `dumpdata` writes. */
  readonly kind: "archive" | "sql" | "fixture";
  readonly compression: "none" | "gzip" | "bzip2";
  /** The updater has made it, of this site's database: it goes in as it is. */
  readonly ours?: true;
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

/** Minor version of the newest archives that `pg_restore` of the database's image reads: those of PostgreSQL 15. */
const newestArchive = { minor: 14, postgres: 15 };

/**
 * Recognises a dump by how it begins.
 * @throws UpdaterError `dumpUnreadable`, `notADump`, `dumpUnsuitable`
 */
export async function recogniseDump(path: string): Promise<Dump> {
  const start = await firstBytes(path);
  // Only BiomAid's own `backup` writes these.
  if (start.subarray(0, 3).equals(Buffer.from("BZh"))) {
    return { kind: "fixture", compression: "bzip2", path, read: reading(path) };
  }
  const compressed = start[0] === 0x1f && start[1] === 0x8b;
  const content = compressed ? beginningOf(start) : start;
  refuseUnsuitable(path, content, compressed);
  const kind = kindOf(content);
  if (kind === undefined) throw new UpdaterError("notADump", { file: path });
  const unpack = compressed ? createGunzip : undefined;
  return { kind, compression: compressed ? "gzip" : "none", path, read: reading(path, unpack) };
}

/** What pg_dump and pg_dumpall have written, and what this database cannot be filled from. */
function refuseUnsuitable(file: string, start: Buffer, packed: boolean): void {
  const text = start.toString("latin1");
  if (/^--\s*\n-- PostgreSQL database cluster dump/.test(text.trimStart())) {
    throw new UpdaterError("dumpUnsuitable", { file, why: "cluster", packed });
  }
  if (text.startsWith("toc.dat\0"))
    throw new UpdaterError("dumpUnsuitable", { file, why: "tar", packed });
  const [, major = 0, minor = 0] = text.startsWith("PGDMP") ? start.subarray(4, 7) : [];
  if (major > 1 || minor > newestArchive.minor) {
    const { postgres } = newestArchive;
    throw new UpdaterError("dumpUnsuitable", { file, why: "newer", packed, postgres });
  }
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
    if ((await stat(path)).isDirectory()) {
      throw new UpdaterError("dumpUnsuitable", { file: path, why: "folder", packed: false });
    }
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if (error instanceof UpdaterError) throw error;
    throw new UpdaterError("dumpUnreadable", { file: path, reason: messageOf(error) }, error);
  }
}

function reading(path: string, unpack?: () => Duplex): Dump["read"] {
  return () => {
    const file = createReadStream(path);
    if (!unpack) return Promise.resolve(file);
    // What goes wrong with the file is heard by whoever reads what is in it.
    return Promise.resolve(pipeline(file, unpack(), () => undefined));
  };
}
