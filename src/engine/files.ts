import { randomUUID } from "node:crypto";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { entriesOf, tarOf } from "../lib/tar.ts";
import { createContainer, removeContainer } from "./containers.ts";
import { clientOf, type Engine, unlessGone } from "./connect.ts";
import { label, type Labels } from "./labels.ts";

// A container that is created and never started gives access to a volume's files through the
// engine's own API: with a remote engine too, and while nothing of the instance runs.
async function withVolume<Result>(
  engine: Engine,
  { image, volume, labels }: { image: string; volume: string; labels: Labels },
  use: (container: string) => Promise<Result>,
): Promise<Result> {
  const name = `biomaid-${labels[label.instance]}-files-${randomUUID().slice(0, 8)}`;
  const container = await createContainer(engine, {
    name,
    image,
    labels,
    mounts: [{ volume, path: "/volume" }],
  });
  try {
    return await use(container);
  } finally {
    await removeContainer(engine, name);
  }
}

/** One entry of a volume: a file's content, or where a symbolic link points. */
export interface Entry {
  readonly content: Buffer;
  readonly link: string | undefined;
}

/**
 * Reads files and links of a folder as a container sees it, running or not; what does not exist is absent
 * from the result.
 */
export async function readFiles(
  engine: Engine,
  container: string,
  folder: string,
  names: readonly string[],
): Promise<Map<string, Entry>> {
  const found = new Map<string, Entry>();
  for (const name of names) {
    const path = `${folder}/${name}`;
    const archive = await unlessGone(clientOf(engine).getContainer(container).getArchive({ path }));
    if (archive) found.set(name, await firstEntry(archive));
  }
  return found;
}

/** Names of the files of a folder as a container sees it, running or not; none where there is no such folder. */
export async function listFolder(
  engine: Engine,
  container: string,
  path: string,
): Promise<string[]> {
  const archive = await unlessGone(clientOf(engine).getContainer(container).getArchive({ path }));
  const names: string[] = [];
  if (!archive) return names;
  for await (const { header, content } of entriesOf(archive as Readable)) {
    content.resume();
    if (header.type === "file") names.push(basename(header.name));
  }
  return names;
}

/** A folder as a container sees it, running or not, as a tar stream of what is in it. */
export async function readTree(
  engine: Engine,
  container: string,
  folder: string,
): Promise<Readable> {
  const archive = await clientOf(engine).getContainer(container).getArchive({ path: folder });
  // The engine's archive begins with the folder itself.
  const prefix = `${basename(folder)}/`;
  return tarOf((tree) =>
    tree.append(archive as Readable, (header) => {
      const name = header.name.slice(prefix.length);
      return name === "" ? undefined : { ...header, name };
    }),
  );
}

/** Content of a file as a container sees it, running or not, read no faster than it is taken. */
export async function streamFile(
  engine: Engine,
  container: string,
  path: string,
): Promise<Readable> {
  const archive = await clientOf(engine).getContainer(container).getArchive({ path });
  return Readable.from(contentOf(archive as Readable), { objectMode: false });
}

async function* contentOf(archive: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const { content } of entriesOf(archive)) yield* content as AsyncIterable<Buffer>;
  } finally {
    archive.destroy();
  }
}

/** Makes a link in the file system of a container that was created and not started. */
export async function writeLink(
  engine: Engine,
  container: string,
  { folder, name, target }: { folder: string; name: string; target: string },
): Promise<void> {
  const archive = tarOf((link) => link.add({ name, type: "symlink", linkname: target }));
  await clientOf(engine).getContainer(container).putArchive(archive, { path: folder });
}

/** The same of a volume that no container has. */
export async function readVolume(
  engine: Engine,
  where: { image: string; volume: string; labels: Labels },
  names: readonly string[],
): Promise<Map<string, Entry>> {
  return await withVolume(engine, where, async (id) => {
    return await readFiles(engine, id, "/volume", names);
  });
}

async function firstEntry(archive: NodeJS.ReadableStream): Promise<Entry> {
  for await (const { header, content } of entriesOf(archive as Readable)) {
    return { content: await buffer(content), link: header.linkname ?? undefined };
  }
  throw new Error("the engine sent an empty archive");
}

/** Unpacks a tar stream into a volume; owners and modes are those of the archive. */
export async function writeVolume(
  engine: Engine,
  where: { image: string; volume: string; labels: Labels },
  archive: Readable,
): Promise<void> {
  await withVolume(engine, where, async (id) => {
    await clientOf(engine).getContainer(id).putArchive(archive, { path: "/volume" });
  });
}
