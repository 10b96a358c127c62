import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { printable, printableStream } from "../../../src/lib/printable.ts";

test("what others wrote cannot command a terminal, and reads as it was", () => {
  expect(printable("Évolutions\t0.8.1\r\n- \u001B[2Jcleared\u009B31m\u0007\n")).toBe(
    "Évolutions\t0.8.1\n- �[2Jcleared�31m�\n",
  );
});

test("nor can it in pieces, wherever they begin", async () => {
  const bytes = Buffer.from("Évolutions\r\n\u001B[2J\u009B31m\rend\r");
  for (const size of [1, 2, 3, bytes.length]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, piece) =>
      bytes.subarray(piece * size, (piece + 1) * size),
    );

    expect(await text(Readable.from(pieces).pipe(printableStream()))).toBe(
      "Évolutions\n�[2J�31m\nend\n",
    );
  }
});
