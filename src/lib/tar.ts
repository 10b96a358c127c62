import { pipeline, Readable } from "node:stream";
import { extract, type Header, type Pack, pack } from "tar-stream";

type Fill = (archive: Archive) => void | Promise<void>;

/** A tar stream of what `fill` puts into it; it fails when that does. */
export function tarOf(fill: Fill): Readable {
  const stream = pack();
  void fillAndEnd(stream, fill);
  // What is read is a stream of Node's own, which the engine's client wants.
  return Readable.from(stream, { objectMode: false });
}

/** Ends a stream once it is filled; its reader is told when that fails. */
export async function fillAndEnd(stream: Pack, fill: Fill): Promise<void> {
  try {
    await fill(new Archive(stream));
    stream.finalize();
  } catch (error) {
    stream.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

/** A tar stream that is being made. */
class Archive {
  readonly #stream: Pack;

  constructor(stream: Pack) {
    this.#stream = stream;
  }

  /** A file, or with another type a folder or a link. */
  add(header: Partial<Header> & Pick<Header, "name">, content: string | Buffer = ""): void {
    // Entries that still wait fail with their archive, whose reader is told: Ctrl-C must not end the process.
    this.#stream.entry(header, content).on("error", () => undefined);
  }

  /**
   * The entries of another tar stream, without holding a file in memory.
   * @param change what becomes of an entry; nothing leaves it out
   */
  async append(tar: Readable, change: (header: Header) => Header | undefined): Promise<void> {
    for await (const { header, content } of entriesOf(tar)) {
      const changed = change(header);
      if (changed && header.type === "file") {
        await this.#pour(changed, content);
      } else {
        content.resume();
        if (changed) this.add({ ...changed, size: 0 });
      }
    }
  }

  async #pour(header: Header, content: Readable): Promise<void> {
    const entry = this.#stream.entry(header);
    await new Promise<void>((resolve, reject) => {
      entry.once("finish", resolve).on("error", reject);
      content.pipe(entry);
    });
  }
}

/** The entries of a tar stream, one after the other: the content of each has to be read before the next. */
export async function* entriesOf(
  tar: Readable,
): AsyncGenerator<{ readonly header: Header; readonly content: Readable }> {
  const entries = extract();
  // Not `pipe`: a stream that fails has to end the reading of its entries.
  pipeline(tar, entries, () => undefined);
  for await (const content of entries) {
    // Attributes of the archive's own dialect would say again, and otherwise, what a changed header says.
    const { pax: _, ...header } = content.header as Header & { pax?: unknown };
    yield { header, content: content as unknown as Readable };
  }
}
