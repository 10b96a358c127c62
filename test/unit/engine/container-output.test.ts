import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import Docker from "dockerode";
import { describe, expect, test } from "vitest";
import { Engine } from "../../../src/engine/connect.ts";
import { copyLog } from "../../../src/engine/container-output.ts";

/** As the engine marks what came from a container's standard output. */
function frame(content: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(1, 0);
  header.writeUInt32BE(Buffer.byteLength(content), 4);
  return Buffer.concat([header, Buffer.from(content)]);
}

/** What is shown of a container that prints this. */
async function shown(printed: string, { follow = false, isTTY = false }): Promise<string> {
  const logs = async (asked: { follow?: boolean }) =>
    asked.follow ? Readable.from([frame(printed)]) : frame(printed);
  const client = Object.assign(new Docker(), { getContainer: () => ({ logs }) });
  const output = Object.assign(new PassThrough(), { isTTY });
  const how = { follow, tail: 200, signal: new AbortController().signal };
  await copyLog(new Engine(client), "g1-app", output, how);
  output.end();
  return await text(output);
}

describe.each([{ follow: false }, { follow: true }])("a log, followed: $follow,", ({ follow }) => {
  const printed = "a\tline\n\u001B]52;c;cm0=\u0007é\n";

  test("cannot command the terminal it is shown on", async () => {
    expect(await shown(printed, { follow, isTTY: true })).toBe("a\tline\n�]52;c;cm0=�é\n");
  });

  test("is written into a file as it is", async () => {
    expect(await shown(printed, { follow })).toBe(printed);
  });
});
