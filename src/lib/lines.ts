import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** Characters of the longest line that is told as one, and of all that wait to be read. */
const most = 1_000_000;

/**
 * Tells every line of a stream as it comes, without its end; a longer one than a million characters in pieces. Node's
 * readline gathers a line that does not end until the process dies of it.
 */
export function onLine(stream: Readable, tell: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let begun = "";
  stream.on("data", (chunk: Buffer) => {
    // What was there before is not looked through again.
    const [end = "", ...next] = decoder.write(chunk).split("\n");
    begun += end;
    for (const text of next) {
      tell(begun.endsWith("\r") ? begun.slice(0, -1) : begun);
      begun = text;
    }
    if (begun.length <= most) return;
    tell(begun);
    begun = "";
  });
  stream.once("end", () => {
    begun += decoder.end();
    if (begun !== "") tell(begun);
    begun = "";
  });
}

/**
 * The lines of a stream into which others may write what nobody reads: it is emptied from now on, also while nobody
 * asks, and what comes on top of a million unread characters is dropped.
 */
export function linesOf(stream: Readable): AsyncGenerator<string> {
  const lines: string[] = [];
  let unread = 0;
  let ended = false;
  let news = Promise.withResolvers<void>();
  const tell = () => {
    news.resolve();
    news = Promise.withResolvers();
  };
  onLine(stream, (line) => {
    if (unread > most) return;
    // An empty line takes room too.
    unread += line.length + 1;
    lines.push(line);
    tell();
  });
  stream.once("close", () => {
    ended = true;
    tell();
  });
  async function* read() {
    for (;;) {
      const line = lines.shift();
      if (line !== undefined) {
        unread -= line.length + 1;
        yield line;
      } else if (ended) return;
      else await news.promise;
    }
  }
  return read();
}
