import { Transform, type TransformCallback } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** All but line ends and tabs: a terminal would obey them. */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Text for a terminal in which what others wrote (release notes, logs, names) cannot command it. */
export function printable(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n").replaceAll(controls, "�");
}

/** The same of bytes of UTF-8, as they come. */
export function printableStream(): Transform {
  const decoder = new StringDecoder("utf8");
  let left = "";
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      const text = left + decoder.write(chunk);
      // Whether it is a line end of its own, only what follows tells.
      left = text.endsWith("\r") ? "\r" : "";
      done(null, printable(text.slice(0, text.length - left.length)));
    },
    flush(done: TransformCallback) {
      done(null, printable(left + decoder.end()));
    },
  });
}
