import { rm, symlink } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { pointAt, pointers, readPointer } from "../../src/proxy/pointer.ts";
import { Stage } from "./proxy.stage.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
  await stage.startApplication("slot 1", 1);
  await stage.startGate("app.sock");
});
beforeEach(async () => {
  await stage.pointTo(1);
});
afterAll(async () => {
  await stage.close();
});

interface Seen {
  readonly method: string;
  readonly headers: Record<string, string>;
}

test("the application hears which host, client and scheme were asked", async () => {
  // fetch forbids a Host of one's own.
  const seen = await new Promise<Seen>((resolve, reject) => {
    const headers = {
      Host: "biomaid.example:8443",
      "X-Forwarded-For": "192.0.2.7",
      "X-Forwarded-Proto": "https",
    };
    request(`${stage.origin}/page`, { headers }, (response) => {
      text(response).then((body) => resolve(JSON.parse(body) as Seen), reject);
    })
      .once("error", reject)
      .end();
  });
  expect(seen.headers).toMatchObject({
    host: "biomaid.example:8443",
    "x-forwarded-for": expect.stringMatching(/^192\.0\.2\.7, /),
    "x-forwarded-proto": "https",
  });
});

test("a scheme that is neither http nor https is not passed on", async () => {
  const answer = await fetch(`${stage.origin}/page`, {
    headers: { "X-Forwarded-Proto": "gopher" },
  });
  expect(((await answer.json()) as Seen).headers["x-forwarded-proto"]).toBe("http");
});

test("the answer to a held request shows nothing of the gate", async () => {
  const direct = await fetch(`${stage.origin}/page`);
  await stage.pointTo("gate");
  const answer = fetch(`${stage.origin}/page`, { method: "HEAD" });
  await stage.untilThere(stage.socketOfGate(), 1);
  await stage.pointTo(1);
  const held = await answer;
  expect(held.status).toBe(200);
  expect(held.headers.get("x-application")).toBe("slot 1");
  const names = (headers: Headers): string[] =>
    [...headers.keys()].filter((name) => name !== "content-length");
  expect(names(held.headers)).toEqual(names(direct.headers));
});

test("static files follow their own pointer, and a browser asks again after it has moved", async () => {
  const style = `${stage.origin}/static/site.css`;
  const before = await fetch(style);
  expect(await before.text()).toBe("one");
  expect(before.headers.get("cache-control")).toBe("no-cache");
  await pointAt(stage.control, pointers.static, "../slot-2/static");
  const after = await fetch(style);
  expect(await after.text()).toBe("two");
});

test("media are served from their own place, and nothing above it", async () => {
  expect(await (await fetch(`${stage.origin}/media/quotation.pdf`)).text()).toBe("a quotation");
  const above = await fetch(`${stage.origin}/media/..%2fcontrol/serving/app.sock`);
  expect(above.headers.get("x-application")).toBe("slot 1");
  expect((await fetch(`${stage.origin}/static/missing.css`)).status).toBe(404);
});

test("a body of 100 MB passes on a read-only root, a larger one is refused", async () => {
  const send = async (bytes: number): Promise<Response> =>
    await fetch(`${stage.origin}/page`, { method: "POST", body: Buffer.alloc(bytes) });
  const accepted = await send(100 << 20);
  expect(await accepted.json()).toMatchObject({ bytes: 100 << 20 });
  expect((await send((100 << 20) + 1)).status).toBe(413);
});

test("an answer too big for memory waits for a slow client on a read-only root", async () => {
  const answer = await fetch(`${stage.origin}/big?bytes=60000000`);
  // The application has got rid of it long before the client has read it.
  await stage.drain(1, 5000);
  expect((await answer.arrayBuffer()).byteLength).toBe(60_000_000);
});

test("without a generation the answer is a plain 503", async () => {
  await rm(join(stage.folder, "control/serving"));
  expect((await fetch(`${stage.origin}/page`)).status).toBe(503);
});

test("a pointer is read back, replaced where one is left half-way, and absent before the first", async () => {
  const pointer = pointers.serving;
  await rm(join(stage.folder, "control/serving"), { force: true });
  expect(await readPointer(stage.control, pointer)).toBeUndefined();
  // An updater was killed between making the link and renaming it.
  await symlink("../slot-1", join(stage.folder, "control/.serving.next"));
  await pointAt(stage.control, pointer, "../slot-2");
  expect(await readPointer(stage.control, pointer)).toBe("../slot-2");
});

test("commands in a container are of one process, so that the hold waits for none to be started", async () => {
  const shell = async () => await stage.control.run("echo $$");
  const first = await shell();
  await stage.pointTo(1);
  expect(first).toMatch(/^\d+$/);
  expect(await shell()).toBe(first);
});
