import { createHash } from "node:crypto";
import { glob, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { Readable } from "node:stream";
import { pack } from "tar-fs";
import { fillAndEnd } from "../lib/tar.ts";

/** The checkout, or /app in the updater's own image. */
export const root = join(import.meta.dirname, "..", "..");

/** Files of a build context that come from this project. */
export interface ProjectFiles {
  /** Where the context begins. */
  readonly folder: string;
  /** Relative to it, sorted. */
  readonly paths: readonly string[];
}

/** @param folder relative to the project's root */
export async function projectFiles(
  folder: string,
  patterns: readonly string[] = ["**"],
): Promise<ProjectFiles> {
  const start = join(root, folder);
  const found = await Array.fromAsync(glob(patterns, { cwd: start, withFileTypes: true }));
  const paths = found
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(start, join(parentPath, name)));
  return { folder: start, paths: paths.toSorted() };
}

/** Changes whenever a file, its mode or one of the other inputs does. */
export async function hashOf(
  { folder, paths }: ProjectFiles,
  ...inputs: readonly string[]
): Promise<string> {
  const hash = createHash("sha256");
  for (const path of paths) {
    const file = join(folder, path);
    const content = await readFile(file);
    const { mode } = await stat(file);
    hash.update(`${path}\0${modeOf(mode)}\0${content.length}\0`).update(content);
  }
  return hash.update(inputs.join("\0")).digest("hex").slice(0, 16);
}

/** What else a build needs. */
interface Additions {
  /** The certificates it trusts, as `ca-bundle.crt`. */
  readonly caBundle?: Buffer;
  /** The folder `source` of the context, as a tar stream. */
  readonly source?: Readable;
}

/** A build context as a tar stream. */
export function contextOf(
  { folder, paths }: ProjectFiles,
  { caBundle, source }: Additions = {},
): Readable {
  const context = pack(folder, {
    entries: [...paths],
    // The same from every checkout: layers are found again.
    map: (header) => ({
      ...header,
      mode: modeOf(header.mode),
      mtime: new Date(0),
      uid: 0,
      gid: 0,
    }),
    finalize: false,
    finish: (stream) =>
      void fillAndEnd(stream, async (archive) => {
        const bundle = { name: "ca-bundle.crt", mode: 0o644, mtime: new Date(0) };
        if (caBundle) archive.add(bundle, caBundle);
        if (!source) return;
        await archive.append(source, (header) => ({ ...header, name: `source/${header.name}` }));
      }),
  });
  return Readable.from(context, { objectMode: false });
}

/** Whatever the user's umask made of it. */
function modeOf(mode: number): number {
  return (mode & 0o100) === 0 ? 0o644 : 0o755;
}
