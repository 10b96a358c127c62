import { createHash } from "node:crypto";
import { glob, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type Header, extract, pack, type Pack } from "tar-stream";

/** The checkout, or /app in the updater's own image. */
export const root = join(import.meta.dirname, "..", "..");

/** A file of a build context. */
export interface ContextFile {
  readonly path: string;
  readonly content: Buffer;
  readonly executable: boolean;
}

/** Files of this project below a folder, or single ones, by paths relative to its root, sorted. */
export async function projectFiles(patterns: readonly string[]): Promise<ContextFile[]> {
  const paths = await Array.fromAsync(glob(patterns, { cwd: root }));
  const files = await Promise.all(paths.toSorted().map(async (path) => await fileOf(path)));
  return files.filter((file) => file !== undefined);
}

async function fileOf(path: string): Promise<ContextFile | undefined> {
  const absolute = join(root, path);
  const { mode, size, isFile } = await stat(absolute).then((found) => ({
    mode: found.mode,
    size: found.size,
    isFile: found.isFile(),
  }));
  if (!isFile || size > 1_000_000) return undefined;
  return { path, content: await readFile(absolute), executable: (mode & 0o100) !== 0 };
}

/** The same files under other paths: `from` removed, `to` put before. */
export function moved(files: readonly ContextFile[], from: string, to: string): ContextFile[] {
  return files.map((file) => ({ ...file, path: to + file.path.slice(from.length) }));
}

/** Changes whenever a file of the context, or one of the other inputs, does. */
export function hashOf(files: readonly ContextFile[], ...inputs: readonly string[]): string {
  const hash = createHash("sha256");
  for (const { path, content, executable } of files) {
    hash.update(`${path}\0${executable}\0${content.length}\0`).update(content);
  }
  return hash.update(inputs.join("\0")).digest("hex").slice(0, 16);
}

/** A tar stream of these files and, below `treePath`, of a whole other tar stream. */
export function contextOf(
  files: readonly ContextFile[],
  tree?: { readonly archive: Readable; readonly path: string },
): Readable {
  const archive = pack();
  fill(archive, files, tree).then(
    () => archive.finalize(),
    (error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return archive as unknown as Readable;
}

async function fill(
  archive: Pack,
  files: readonly ContextFile[],
  tree: { readonly archive: Readable; readonly path: string } | undefined,
): Promise<void> {
  // Entries that still wait fail with their archive, whose reader is told: Ctrl-C must not end the process.
  const quiet = (entry: ReturnType<Pack["entry"]>) => entry.on("error", () => undefined);
  for (const { path, content, executable } of files) {
    const header = { name: path, mode: executable ? 0o755 : 0o644, mtime: new Date(0) };
    quiet(archive.entry(header, content));
  }
  if (!tree) return;
  for await (const entry of tree.archive.pipe(extract())) {
    const { pax: _, ...header } = entry.header as Header & { pax?: unknown };
    const name = `${tree.path}/${header.name}`;
    if (header.type === "file") {
      const into = quiet(archive.entry({ ...header, name }));
      await new Promise<void>((resolve, reject) => {
        into.once("finish", resolve).once("error", reject);
        entry.pipe(into);
      });
    } else {
      entry.resume();
      quiet(archive.entry({ ...header, name, size: 0 }));
    }
  }
}
