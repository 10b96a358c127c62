import { mkdir, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Stage } from "./proxy.stage.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
  await stage.startApplication("slot 1", 1);
  await stage.startGate("app.sock");
  await stage.pointTo(1);
  await mkdir(join(stage.folder, "control/messages"));
  await writeFile(join(stage.folder, "media/rapport.html"), "<html><head></head></html>");
});

afterAll(async () => {
  await stage?.close();
});

const browser = {
  Accept: "text/html,*/*;q=0.8",
  "Accept-Encoding": "gzip, br",
  Connection: "close",
};

/** Everything of an answer that could differ, but for the time of day. */
async function ask(path: string, headers: Record<string, string>, method = "GET") {
  return await new Promise<{ status: number | undefined; headers: string[]; body: Buffer }>(
    (resolve, reject) => {
      request(stage.origin + path, { method, headers }, (answer) => {
        const found = answer.rawHeaders.filter((_, at, all) => all[at - (at % 2)] !== "Date");
        buffer(answer).then(
          (body) => resolve({ status: answer.statusCode, headers: found, body }),
          reject,
        );
      })
        .once("error", reject)
        .end();
    },
  );
}

const script = () => join(stage.folder, "control/messages/page.js");
const tag =
  /<head><script src="\/biomaid-updater\/page\.js" data-now="\d+\.\d{3}" defer><\/script>/g;

describe("while there is something to tell", () => {
  test.each([
    ["a page", "/page.html", browser],
    ["a page that its application would compress", "/page.html?gzip", browser],
    [
      "a page of a browser that says what it is for",
      "/page.html",
      { ...browser, "Sec-Fetch-Dest": "document" },
    ],
    ["a page with a name for whoever saves it", "/page.html?inline", browser],
  ])("%s gets a script, once, and is the same otherwise", async (_, path, headers) => {
    const before = await ask(path, { ...headers, "Accept-Encoding": "" });
    await writeFile(script(), "tell()");
    const told = await ask(path, headers);
    await rm(script());
    const text = told.body.toString();
    expect(text.match(tag)).toHaveLength(1);
    expect(text.replace(tag, "<head>")).toBe(before.body.toString());
    const again = await ask("/biomaid-updater/page.js", browser);
    expect(again.status).toBe(404);
  });

  const untouched: [string, string, Record<string, string>, string?][] = [
    ["a request in the background", "/page.html?gzip", { ...browser, "Sec-Fetch-Dest": "empty" }],
    [
      "one of jQuery, for HTML",
      "/page.html?gzip",
      { ...browser, "X-Requested-With": "XMLHttpRequest" },
    ],
    ["one of a program", "/page.html?gzip", { Connection: "close" }],
    ["a frame", "/page.html?gzip", { ...browser, "Sec-Fetch-Dest": "iframe" }],
    ["a part of a page", "/page.html", { ...browser, Range: "bytes=0-9" }],
    ["a download that is HTML", "/page.html?download", browser],
    ["a page that comes compressed whatever is asked", "/page.html?gzip-always", browser],
    ["what is no HTML", "/page.html?type=text/csv", browser],
    ["a file of the media", "/media/rapport.html", browser],
    ["a static file", "/static/site.css", browser],
    ["an answer that is large", "/big?bytes=3000000", browser],
    ["the head of a download", "/page.html?download", browser, "HEAD"],
  ];

  test.each(untouched)(
    "%s is what it is without, to the byte",
    async (_, path, headers, method) => {
      const before = await ask(path, headers, method);
      await writeFile(script(), "tell()");
      const told = await ask(path, headers, method);
      await rm(script());
      expect(told.headers).toEqual(before.headers);
      expect(told.body.equals(before.body)).toBe(true);
    },
  );

  test("a request that was held gets it too", async () => {
    await writeFile(script(), "tell()");
    await stage.pointTo("gate");
    const held = ask("/page.html", browser);
    await stage.untilThere(stage.socketOfGate(), 1);
    await stage.pointTo(1);
    expect((await held).body.toString()).toMatch(tag);
    await rm(script());
  });

  test("what is told can be read, in its own character set, and is asked for again each time", async () => {
    await writeFile(script(), "tell('é')");
    const { headers, body } = await ask("/biomaid-updater/page.js", browser);
    await rm(script());
    expect(body.toString()).toBe("tell('é')");
    expect(headers.join("\n")).toMatch(/javascript; charset=utf-8[^]*no-cache/);
    const above = await ask("/biomaid-updater/..%2fstate.json", browser);
    expect(above.headers).toContain("X-Application");
  });
});

test("with nothing to tell a page is what its application sent, to the byte", async () => {
  const direct = await new Promise<Buffer>((resolve, reject) => {
    request(
      { socketPath: stage.socketOf(1), path: "/page.html?gzip", headers: browser },
      (answer) => {
        buffer(answer).then(resolve, reject);
      },
    )
      .once("error", reject)
      .end();
  });
  const { headers, body } = await ask("/page.html?gzip", browser);
  expect(body.equals(direct)).toBe(true);
  expect(headers).toEqual(
    expect.arrayContaining(["ETag", "Content-Length", String(direct.length)]),
  );
});
