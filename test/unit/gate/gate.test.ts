import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Gate, type GateOptions, startGate } from "../../../src/gate/gate.ts";
import { browser } from "../../support/closed-gate.ts";

const drainScript = join(import.meta.dirname, "../../../src/proxy/drain.sh");
const template = readFileSync(
  join(import.meta.dirname, "../../../src/gate/maintenance.html"),
  "utf8",
);

let folder: string;
let gates: Gate[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gate-"));
  mkdirSync(join(folder, "control"));
  mkdirSync(join(folder, "gate"));
  gates = [];
});
afterEach(async () => {
  pointTo("../slot-1");
  await Promise.all(gates.map((gate) => gate.stop()));
  rmSync(folder, { recursive: true });
});

function pointTo(target: string): void {
  const next = join(folder, "control/.next");
  symlinkSync(target, next);
  renameSync(next, join(folder, "control/serving"));
}

async function gateAt(name: string, options: Partial<GateOptions> = {}): Promise<Gate> {
  const gate = await startGate({
    socket: join(folder, "gate", name),
    pointer: join(folder, "control/serving"),
    holdMaxMs: 60_000,
    mostHeld: 100,
    workers: 2,
    language: "en",
    template,
    ...options,
  });
  gates.push(gate);
  return gate;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function ask(
  name: string,
  {
    method = "GET",
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const message = request({
      socketPath: join(folder, "gate", name),
      method,
      headers,
      agent: false,
    });
    message.once("error", reject);
    message.once("response", (response) => {
      const { statusCode: status, headers } = response;
      text(response).then((body) => resolve({ status, headers, body }), reject);
    });
    message.end(body);
  });
}

/** Waits until a request has come to a gate and is not answered. */
async function untilThere(name: string): Promise<void> {
  const count = [drainScript, join(folder, "gate", name), "1", "1", "0"];
  while (execFileSync("sh", count).toString().startsWith("0")) await pause(5);
}

/** Whether something has happened already. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  return await Promise.race([promise.then(() => true), pause(0, false)]);
}

const sentOn = { status: 200, headers: { "x-accel-redirect": "@serving" }, body: "" };

test("a request is held while the pointer names the gate, and sent on once it names something else", async () => {
  pointTo("../gate");
  await gateAt("app.sock");
  const answer = ask("app.sock", { method: "POST", body: Buffer.alloc(3_000_000) });
  await pause(150);
  expect(await settled(answer)).toBe(false);
  pointTo("../slot-2");
  expect(await answer).toMatchObject(sentOn);
});

test("a request that comes after the pointer has moved is sent on at once", async () => {
  pointTo("../slot-2");
  await gateAt("app.sock");
  expect(await ask("app.sock")).toMatchObject(sentOn);
});

test("a pointer to the gate's folder by another spelling is still the gate", async () => {
  pointTo(`${join(folder, "control")}/../gate/`);
  await gateAt("app.sock");
  const answer = ask("app.sock");
  await pause(100);
  expect(await settled(answer)).toBe(false);
  pointTo("../slot-2");
  await answer;
});

test("a missing pointer opens nothing", async () => {
  await gateAt("app.sock");
  const answer = ask("app.sock");
  await pause(100);
  expect(await settled(answer)).toBe(false);
  pointTo("../slot-2");
  expect(await answer).toMatchObject(sentOn);
});

test("an answer waits for the end of the body, for nginx takes a reset for a dead gate", async () => {
  pointTo("../slot-2");
  await gateAt("app.sock");
  const message = request({
    socketPath: join(folder, "gate/app.sock"),
    method: "POST",
    headers: { "Content-Length": "10" },
  });
  const answered = new Promise((resolve) => message.once("response", resolve));
  message.write("12345");
  await pause(100);
  expect(await settled(answered)).toBe(false);
  message.end("67890");
  await answered;
});

test("what the answer says for itself is nothing that nginx would pass on", async () => {
  pointTo("../slot-2");
  await gateAt("app.sock");
  const { headers } = await ask("app.sock");
  expect(Object.keys(headers).sort()).toEqual([
    "connection",
    "date",
    "transfer-encoding",
    "x-accel-redirect",
  ]);
});

test("a request held longer than the limit gets the maintenance page", async () => {
  pointTo("../gate");
  await gateAt("app.sock", { holdMaxMs: 50, expectedHoldMs: 170_000 });
  const { status, headers, body } = await ask("app.sock", {
    headers: { ...browser, "Accept-Language": "de, en;q=0.4, fr-FR;q=0.8" },
  });
  expect(status).toBe(503);
  expect(headers).toMatchObject({ "retry-after": "5", "cache-control": "no-store" });
  expect(body).toContain('<html lang="fr">');
  expect(body).toContain("dans 3 minutes environ");
  expect(body).toContain('http-equiv="refresh"');
});

test("more requests than can be held get the maintenance page at once", async () => {
  pointTo("../gate");
  await gateAt("app.sock", { mostHeld: 2 });
  const held = [ask("app.sock"), ask("app.sock")];
  const count = [drainScript, join(folder, "gate/app.sock"), "1", "1", "0"];
  while (!execFileSync("sh", count).toString().startsWith("2")) await pause(5);
  const { status, headers } = await ask("app.sock");
  expect(status).toBe(503);
  expect(headers).toMatchObject({ "retry-after": "5" });
  pointTo("../slot-2");
  for (const answer of held) expect(await answer).toMatchObject(sentOn);
});

test("whoever is still in the queue when the limit has passed, but the gate is open, is sent on", async () => {
  pointTo("../gate");
  mkdirSync(join(folder, "slot-2"));
  const line: Socket[] = [];
  const application = createServer({ allowHalfOpen: true }, (socket) => line.push(socket));
  application.listen(join(folder, "slot-2/app.sock"));
  await gateAt("app.sock", { holdMaxMs: 1_000, workers: 1 });
  const held = Array.from({ length: 10 }, async () => await ask("app.sock"));
  const count = [drainScript, join(folder, "gate/app.sock"), "1", "1", "0"];
  while (!execFileSync("sh", count).toString().startsWith("10")) await pause(5);

  pointTo("../slot-2");

  await pause(1_500);
  expect(await settled(Promise.all(held))).toBe(false);
  const work = setInterval(() => line.shift()?.end(), 1);
  for (const answer of held) expect(await answer).toMatchObject(sentOn);
  clearInterval(work);
  application.close();
});

test("the page speaks the site's language to a browser whose languages we don't speak", async () => {
  pointTo("../gate");
  await gateAt("app.sock", { holdMaxMs: 0, language: "fr" });
  const { body } = await ask("app.sock", {
    headers: { ...browser, "Accept-Language": "de, en;q=0, *;q=0.5" },
  });
  expect(body).toContain('<html lang="fr">');
});

test("what was sent in no form is said not to be saved, and is not asked for again", async () => {
  pointTo("../gate");
  await gateAt("app.sock", { holdMaxMs: 0, expectedHoldMs: 0 });
  const headers = { ...browser, "Content-Type": "text/plain" };
  const { status, body } = await ask("app.sock", {
    method: "POST",
    headers,
    body: Buffer.from("form"),
  });
  expect(status).toBe(503);
  expect(body).toContain("was not saved");
  expect(body).toContain("longer than planned");
  expect(body).not.toContain("refresh");
});

test("a gate takes over the socket that a killed one left, and lets every user connect", async () => {
  pointTo("../slot-2");
  const abandoned = join(folder, "gate/app.sock");
  symlinkSync("nowhere", abandoned);
  await gateAt("app.sock");
  expect(await ask("app.sock")).toMatchObject(sentOn);
  expect(statSync(abandoned).mode & 0o666).toBe(0o666);
});

test("headers of 100 KB and methods of WebDAV are held like any other", async () => {
  pointTo("../slot-2");
  await gateAt("app.sock");
  const headers = { Cookie: "c".repeat(100_000) };
  expect(await ask("app.sock", { method: "PROPFIND", headers })).toMatchObject(sentOn);
});

test.each([
  ["without a name of a host", "GET /x HTTP/1.0\r\n\r\n"],
  ["whose path no parser likes", "GET /é?q=è HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["of a method of another protocol", "PLAY /x HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["of a method nobody knows", "BREW /pot HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"],
])("a request %s is held: the application answers it as it likes", async (_, written) => {
  pointTo("../gate");
  await gateAt("app.sock");
  const client = connect(join(folder, "gate/app.sock"));
  client.write(written);
  const answer = text(client);
  await pause(50);

  pointTo("../slot-1");

  expect(await answer).toMatch(/^HTTP\/1\.1 200 OK\r\nX-Accel-Redirect: @serving\r\n/);
});

test("a gate told to stop goes on holding while the pointer names it, then answers and ends", async () => {
  pointTo("../gate");
  const gate = await gateAt("app.sock");
  const before = ask("app.sock");
  await untilThere("app.sock");
  const stopped = gate.stop();
  const after = ask("app.sock");
  await pause(400);
  expect(await Promise.all([before, after, stopped].map(settled))).toEqual([false, false, false]);
  pointTo("../slot-2");
  expect(await before).toMatchObject(sentOn);
  expect(await after).toMatchObject(sentOn);
  await stopped;
  await expect(ask("app.sock")).rejects.toThrow("ENOENT");
});

test("the second gate refuses a request that an application died over", async () => {
  pointTo("../gate");
  await gateAt("app.sock");
  await gateAt("app2.sock", { first: join(folder, "gate/app.sock") });
  expect(await ask("app2.sock", { method: "POST" })).toMatchObject({ status: 502 });
});

test("the second gate holds while there is no first", async () => {
  pointTo("../gate");
  await gateAt("app2.sock", { first: join(folder, "gate/app.sock") });
  const answer = ask("app2.sock");
  await pause(250);
  expect(await settled(answer)).toBe(false);
  pointTo("../slot-2");
  expect(await answer).toMatchObject(sentOn);
});

test("a client that hangs up is forgotten", async () => {
  pointTo("../gate");
  const gate = await gateAt("app.sock");
  const socket = connect(join(folder, "gate/app.sock"));
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await untilThere("app.sock");
  socket.destroy();
  pointTo("../slot-2");
  await expect(gate.stop()).resolves.toBeUndefined();
});
