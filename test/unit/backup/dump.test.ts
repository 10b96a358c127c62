import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { comparedWith } from "../../../src/backup/dump.ts";

const chunks = ["first ", "second ", "last"];
const sha256 = createHash("sha256").update(chunks.join("")).digest("hex");

/** Content of a dump that is compared while it is read. */
const compared = (...content: readonly string[]) =>
  comparedWith(
    sha256,
    Readable.from(content.map((chunk) => Buffer.from(chunk))),
    () => new Error("not what was verified"),
  );

test("what was verified is read as it is", async () => {
  expect(await text(compared(...chunks))).toBe("first second last");
});

test("the reader of what was exchanged since never gets its end", async () => {
  const read: string[] = [];
  const reading = (async () => {
    for await (const chunk of compared("first ", "other ", "last")) read.push(String(chunk));
  })();
  await expect(reading).rejects.toThrow("not what was verified");
  expect(read).toEqual(["first ", "other "]);
});
