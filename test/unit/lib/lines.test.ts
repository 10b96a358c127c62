import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { linesOf, onLine } from "../../../src/lib/lines.ts";

/** Longer than a line may be. */
const long = 1_100_000;

/** What is told of a stream that comes in these chunks. */
async function told(...chunks: readonly (string | Buffer)[]): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  onLine(stream, (line) => lines.push(line));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await new Promise((resolve) => stream.once("close", resolve));
  return lines;
}

test("lines are told whole, however their bytes come", async () => {
  const [first, second] = [Buffer.from("é").subarray(0, 1), Buffer.from("é").subarray(1)];

  expect(await told("on", "e\ntwo\r", "\n\nfo", first, second, "ur")).toEqual([
    "one",
    "two",
    "",
    "foéur",
  ]);
});

test("a line without an end is told in pieces, and the next one whole", async () => {
  const chunks = Array.from({ length: long / 10_000 }, () => "x".repeat(10_000));
  const lines = await told(...chunks, "\nnext\n");

  expect(lines.map(({ length }) => length)).toEqual([1_010_000, 90_000, 4]);
  expect(lines.at(-1)).toBe("next");
});

test("lines that are read as they come are all there, to the end", async () => {
  const stream = new PassThrough();
  const lines = linesOf(stream);
  const first = lines.next();
  const second = lines.next();
  stream.write("1\n2\n3\n");
  stream.end("4");

  expect([await first, await second].map(({ value }) => value)).toEqual(["1", "2"]);
  expect(await Array.fromAsync(lines)).toEqual(["3", "4"]);
});

test("what nobody reads fills no memory, and keeps nobody from writing", async () => {
  const stream = new PassThrough();
  const lines = linesOf(stream);
  for (let line = 0; line < 100; line += 1) stream.write(`${"x".repeat(99_999)}\n`);
  stream.end();
  await new Promise((resolve) => stream.once("close", resolve));

  const kept = await Array.fromAsync(lines);
  expect(kept.join("").length).toBeLessThan(long);
});
