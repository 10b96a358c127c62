import { expect, test } from "vitest";
import { logOf } from "../../../../scripts/setup/buildkit-log.mjs";

test("the log of a build is found among its other progress", () => {
  const field = (number: number, bytes: Buffer) => {
    const head = [(number << 3) | 2];
    for (let rest = bytes.length; ; rest >>>= 7) {
      head.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
      if (rest <= 0x7f) return Buffer.concat([Buffer.from(head), bytes]);
    }
  };
  const text = "E: Unable to locate package\n".repeat(10);
  const stream = Buffer.from([(3 << 3) | 0, 2]);
  const log = Buffer.concat([
    field(1, Buffer.from("sha256:1")),
    stream,
    field(4, Buffer.from(text)),
  ]);
  const aux = Buffer.concat([field(1, Buffer.from("vertex")), field(3, log)]).toString("base64");
  expect(logOf({ id: "moby.buildkit.trace", aux })).toBe(text);
  expect(logOf({ stream: "Successfully tagged" })).toBe("");
});
