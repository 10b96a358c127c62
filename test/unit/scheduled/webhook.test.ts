import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { postJson } from "../../../src/scheduled/webhook.ts";

/** What a server was asked, and what it answers, first to last; the last answer again and again. */
let asked: { readonly url: string | undefined; readonly body: string }[];
let answers: number[];
let servers: http.Server[];
let folder: string;

beforeEach(() => {
  asked = [];
  answers = [204];
  servers = [];
  folder = mkdtempSync(join(tmpdir(), "updater-webhook-"));
});
afterEach(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

const answer: http.RequestListener = (request, response) => {
  let body = "";
  request.on("data", (data) => (body += data));
  request.on("end", () => {
    asked.push({ url: request.url, body });
    response.writeHead(answers.length > 1 ? answers.shift()! : answers[0]!).end();
  });
};

async function listen(server: http.Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const build = {
  caBundle: undefined,
  httpProxy: undefined,
  httpsProxy: undefined,
  noProxy: [],
  extras: [],
  versions: [],
};

test("what failed for a moment is sent again, and arrives as it is", async () => {
  answers = [503, 204];
  const port = await listen(http.createServer(answer));
  expect(await postJson(`http://127.0.0.1:${port}/hooks/x`, { text: "là" }, { build })).toBe(
    undefined,
  );
  expect(asked).toEqual([1, 2].map(() => ({ url: "/hooks/x", body: '{"text":"là"}' })));
});

test("what is refused is not sent again; the reason does not tell the URL", async () => {
  answers = [404];
  const port = await listen(http.createServer(answer));
  expect(await postJson(`http://127.0.0.1:${port}/hooks/token`, {}, { build })).toBe("HTTP 404");
  expect(asked).toHaveLength(1);
});

test("it goes through the proxy for builds", async () => {
  const port = await listen(http.createServer(answer));
  const httpProxy = { url: `http://127.0.0.1:${port}` };
  await postJson("http://chat.example.org/hooks/x", {}, { build: { ...build, httpProxy } });
  expect(asked[0]?.url).toBe("http://chat.example.org/hooks/x");
});

test("it trusts the certificates that builds trust", async () => {
  const [key, caBundle] = [join(folder, "key"), join(folder, "certificate")];
  execFileSync(
    "openssl",
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout ${key} -out ${caBundle} -subj /CN=localhost -addext subjectAltName=DNS:localhost`.split(
      " ",
    ),
    { stdio: "ignore" },
  );
  const certificate = { key: readFileSync(key), cert: readFileSync(caBundle) };
  const port = await listen(https.createServer(certificate, answer));
  const url = `https://localhost:${port}/`;
  expect(await postJson(url, {}, { build: { ...build, caBundle } })).toBeUndefined();
});
