import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { LedgerEntry } from "../../support/ledger.ts";
import {
  type Activity,
  type Client,
  type LoadOptions,
  type LoadReport,
  sha256,
  startLoad,
} from "../../support/load.ts";

let server: Server;

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const get: Activity = { weight: 1, run: (client) => client.send({ method: "GET", path: "/" }) };

async function loadFor(ms: number, options: LoadOptions): Promise<LoadReport> {
  const load = await startLoad({ clients: 2, thinkMs: 5, ...options });
  await pause(ms);
  return await load.stop();
}

test.each([
  ["a server error", 500, "500"],
  ["a page that the user should have been allowed", 403, "403"],
  ["the maintenance page", 503, "503"],
])("%s is a failure", async (_, status, reason) => {
  const origin = await serve((_, response) =>
    response.writeHead(status, { "Retry-After": "5" }).end(),
  );
  const report = await loadFor(50, { origin, mix: [get] });
  expect(report.failed).toBe(report.requests);
  expect(report.failures[0]).toMatchObject({ method: "GET", path: "/", reason });
});

test("the maintenance page is counted apart where it is allowed", async () => {
  const origin = await serve((_, response) =>
    response.writeHead(503, { "Retry-After": "5" }).end(),
  );
  const report = await loadFor(50, { origin, mix: [get], allowMaintenance: true });
  expect(report).toMatchObject({ failed: 0, maintenance: report.requests });
});

test("a connection that is reset under a waiting client is a failure", async () => {
  const origin = await serve((request) => request.socket.resetAndDestroy());
  const report = await loadFor(50, { origin, mix: [get] });
  expect(report.failures[0]).toMatchObject({ reason: "ECONNRESET" });
});

test("an answer cut short is a failure", async () => {
  const origin = await serve((_, response) => {
    response.writeHead(200, { "Content-Length": "10" });
    response.write("12345", () => response.destroy());
  });
  const report = await loadFor(50, { origin, mix: [get] });
  expect(report.failed).toBeGreaterThan(0);
  expect(report.failed).toBe(report.requests);
});

test("an answer with the wrong content is a failure", async () => {
  const origin = await serve((_, response) => response.end("another page"));
  const wrong: Activity = {
    weight: 1,
    run: (client) =>
      client.send({ method: "GET", path: "/", check: ({ body }) => `not ${body.toString()}` }),
  };
  const report = await loadFor(50, { origin, mix: [wrong] });
  expect(report.failures[0]).toMatchObject({ reason: "not another page" });
});

test("no answer within the client's patience is a failure", async () => {
  const origin = await serve(() => undefined);
  const report = await loadFor(10, { origin, mix: [get], patienceMs: 100 });
  expect(report.failures[0]).toMatchObject({ reason: "no answer within 100 ms" });
});

test("a client keeps its connection and its cookies, and names the host it is told to", async () => {
  const seen = new Set<string | undefined>();
  const hosts = new Set<string | undefined>();
  let connections = 0;
  const origin = await serve((request, response) => {
    seen.add(request.headers.cookie);
    hosts.add(request.headers.host);
    response.setHeader("Set-Cookie", "session=abc; Path=/; HttpOnly").end();
  });
  server.on("connection", () => (connections += 1));
  await loadFor(100, {
    origin,
    mix: [get],
    hostHeader: "biomaid.example",
    signIn: (client) => get.run(client),
    clients: 3,
  });
  expect(connections).toBe(3);
  expect([...seen]).toEqual([undefined, "session=abc"]);
  expect([...hosts]).toEqual(["biomaid.example"]);
});

test("an activity that is broken itself ends the load with its error", async () => {
  const origin = await serve((_, response) => response.end());
  const broken: Activity = { weight: 1, run: () => Promise.reject(new TypeError("broken")) };
  await expect(loadFor(20, { origin, mix: [broken] })).rejects.toThrow("broken");
});

test("slow and chunked bodies arrive whole", async () => {
  const bodies: { length: number; chunked: boolean }[] = [];
  const origin = await serve((request, response) => {
    void bodyOf(request).then(({ length }) => {
      bodies.push({ length, chunked: request.headers["transfer-encoding"] === "chunked" });
      response.end();
    });
  });
  const upload = (chunked: boolean): Activity => ({
    weight: 1,
    run: (client) =>
      client.send({
        method: "POST",
        path: "/",
        body: Buffer.alloc(1001),
        slowly: { pieces: 10, pauseMs: 2, chunked },
      }),
  });
  // One after the other: on a busy machine chance would choose the same each time.
  for (const chunked of [true, false]) {
    const report = await loadFor(200, { origin, mix: [upload(chunked)] });
    expect(report.failed).toBe(0);
  }
  expect(new Set(bodies.map(({ length }) => length))).toEqual(new Set([1001]));
  expect(new Set(bodies.map(({ chunked }) => chunked))).toEqual(new Set([true, false]));
});

test("the ledger tells what is missing, duplicated, altered and unknown, and excuses what was not acknowledged", async () => {
  const held: LedgerEntry[] = [];
  const keys = new Map<string, string>();
  const origin = await serve((request, response) => {
    void bodyOf(request).then((body) => {
      const key = new URL(request.url ?? "", "http://x").searchParams.get("key") ?? "";
      const entry = { key, sha256: sha256(body) };
      const fate = ["lost", "twice", "altered", "refused", "kept"][keys.size] ?? "kept";
      keys.set(fate, key);
      if (fate === "twice") held.push(entry, entry);
      else if (fate === "altered") held.push({ key, sha256: sha256(Buffer.from("other")) });
      else if (fate !== "lost" && fate !== "refused") held.push(entry);
      response.writeHead(fate === "refused" ? 500 : 302).end();
    });
  });
  const load = await startLoad({ origin, clients: 1, thinkMs: 0, mix: [writing] });
  while (keys.size < 5) await pause(5);
  const report = await load.stop();
  held.push({ key: `${load.ledger.prefix}never`, sha256: "" });
  expect(report.failed).toBe(1);
  expect(await load.ledger.verify(async () => held)).toEqual({
    acknowledged: report.requests - 1,
    unacknowledged: 1,
    missing: [keys.get("lost")],
    duplicated: [keys.get("twice")],
    altered: [keys.get("altered")],
    unknown: [`${load.ledger.prefix}never`],
  });
});

const writing: Activity = {
  weight: 1,
  run: (client: Client) =>
    client.write((key) => ({ method: "POST", path: `/?key=${key}`, body: Buffer.from(key) })),
};

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return await buffer(request);
}
