import type { IncomingMessage, ServerResponse } from "node:http";
import { Busboy, type BusboyHeaders, type BusboyInstance } from "@fastify/busboy";

/** What a form sent, as far as a page can give it back. */
export interface SentForm {
  readonly fields: readonly Field[];
  /** Their contents are not kept: no page may fill them in. */
  readonly files: readonly Field[];
}

/** For a file the value is its name. */
interface Field {
  readonly name: string;
  readonly value: string;
}

/** What Django accepts of one form, files apart: more than that would have been refused anyway. */
const mostBytes = 2_621_440;
const mostFields = 1000;
/** Of all forms that are held: a gate without memory would hold nothing any more. */
const mostBytesTogether = 64 << 20;

/** Keeps what forms send while they are held, for the page that offers to send it again. */
export class Forms {
  #bytes = 0;

  /**
   * Reads along while a request comes in; never in its way.
   * @returns undefined when it is no form, or cannot be given back whole; waits for the end of the body
   */
  keep(request: IncomingMessage, response: ServerResponse): Promise<SentForm | undefined> {
    const parser = parserOf(request);
    if (!parser) return Promise.resolve(undefined);
    const fields: Field[] = [];
    const files: Field[] = [];
    const kept = Promise.withResolvers<SentForm | undefined>();
    let bytes = 0;
    const giveUp = (): void => {
      request.off("data", feed);
      fields.length = 0;
      kept.resolve(undefined);
    };
    const feed = (chunk: Buffer): void => void parser.write(chunk);
    const add = (list: Field[], name: string, value: string): void => {
      // Twice: a text may take two bytes a letter.
      const size = 2 * (name.length + value.length);
      bytes += size;
      this.#bytes += size;
      list.push({ name, value });
      if (list.length > mostFields || bytes > 2 * mostBytes || this.#bytes > mostBytesTogether) {
        giveUp();
      }
    };
    parser.on("field", (name: string | undefined, value, nameCut, valueCut) => {
      // Not text after all, or not all of it, or a part that no browser sends.
      const isOdd = nameCut || valueCut || `${name}${value}`.includes("\uFFFD");
      if (name === undefined || isOdd) giveUp();
      else add(fields, name, value);
    });
    parser.on("file", (name: string | undefined, content, file: string | undefined) => {
      content.on("error", giveUp).resume();
      if (name === undefined) giveUp();
      else if (file) add(files, name, file);
    });
    parser.on("error", giveUp);
    parser.on("finish", () => kept.resolve({ fields, files }));
    request.on("data", feed);
    request.once("end", () => parser.end());
    response.once("close", () => (this.#bytes -= bytes));
    return kept.promise;
  }
}

function parserOf({ method, headers }: IncomingMessage): BusboyInstance | undefined {
  if (method !== "POST" || headers["content-type"] === undefined) return undefined;
  try {
    return new Busboy({
      headers: headers as BusboyHeaders,
      limits: {
        fieldNameSize: 1000,
        fieldSize: mostBytes,
        // One more than is taken: the parser passes over the rest without a word.
        fields: mostFields + 1,
        files: mostFields + 1,
      },
    });
  } catch {
    // Neither of the two ways in which browsers send forms.
    return undefined;
  }
}
