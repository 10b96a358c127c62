import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { pack } from "tar-stream";
import { describe, expect, test } from "vitest";
import { entriesOf, tarOf } from "../../../src/lib/tar.ts";

const file = (name: string, content: string) =>
  tarOf((archive) => archive.add({ name, mode: 0o640 }, content));

async function contentOf(tar: Readable): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { header, content } of entriesOf(tar)) {
    found[header.name] = header.linkname ?? (await text(content));
  }
  return found;
}

describe("an archive appended to another", () => {
  test("keeps its files, folders and links under the names they are given", async () => {
    const long = `${"folder/".repeat(30)}été.txt`;
    const tree = tarOf((archive) => {
      archive.add({ name: "a", type: "directory" });
      archive.add({ name: long }, "content");
      archive.add({ name: "link", type: "symlink", linkname: "a" });
      archive.add({ name: "left out" }, "…");
    });
    const moved = tarOf((archive) =>
      archive.append(tree, (header) =>
        header.name === "left out" ? undefined : { ...header, name: `in/${header.name}` },
      ),
    );
    expect(await contentOf(moved)).toEqual({
      "in/a": "",
      [`in/${long}`]: "content",
      "in/link": "a",
    });
  });

  test("fails the whole when it breaks off", async () => {
    const whole = await buffer(file("a", "x".repeat(100_000)));
    const broken = Readable.from(
      (function* () {
        yield whole.subarray(0, 50_000);
        throw new Error("the connection is lost");
      })(),
    );
    const moved = tarOf((archive) => archive.append(broken, (header) => header));
    await expect(buffer(moved)).rejects.toThrow("the connection is lost");
  });

  test("is read no faster than it is taken", async () => {
    let given = 0;
    const endless = pack();
    const entry = endless.entry({ name: "big", size: 1_000_000_000 });
    entry.on("error", () => undefined);
    const more = new Readable({
      read() {
        given += 100_000;
        this.push(Buffer.alloc(100_000));
      },
    });
    more.pipe(entry);
    const moved = tarOf((archive) => archive.append(Readable.from(endless), (header) => header));
    for await (const chunk of moved) {
      expect(chunk).toBeDefined();
      break;
    }
    expect(given).toBeLessThan(10_000_000);
  });
});
