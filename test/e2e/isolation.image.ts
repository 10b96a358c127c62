import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";
import { clientOf, type Engine } from "../../src/engine/connect.ts";

/** Names of the regular files in all layers of an image, and which of some words they hold. */
export async function filesOfImage(
  engine: Engine,
  tag: string,
  words: readonly string[],
): Promise<{ names: string[]; found: string[] }> {
  const names: string[] = [];
  const found = new Set<string>();
  const saved = (await clientOf(engine).getImage(tag).get()) as Readable;
  for await (const part of saved.pipe(extract())) {
    const content = unpacked(await buffer(part));
    for (const word of words) if (content.includes(word)) found.add(word);
    if (!isTar(content)) continue;
    for await (const entry of Readable.from([content]).pipe(extract())) {
      if (entry.header.type === "file") names.push(entry.header.name);
      entry.resume();
    }
  }
  return { names, found: [...found] };
}

/** Newer engines keep layers compressed. */
function unpacked(content: Buffer): Buffer {
  return content[0] === 0x1f && content[1] === 0x8b ? gunzipSync(content) : content;
}

function isTar(content: Buffer): boolean {
  return content.toString("latin1", 257, 262) === "ustar";
}
