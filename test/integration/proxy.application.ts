/**
 * Stands in for an application behind the proxy: `node proxy.application.ts NAME SOCKET LEDGER`.
 * It executes a write by appending to the ledger before it answers, so that one that was executed
 * is there whatever happens to the process.
 */
import { createHash } from "node:crypto";
import { appendFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";

const [name = "", socket = "", ledger = ""] = process.argv.slice(2);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  const sha256 = hash.digest("hex");
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://application");
  const ms = Number(searchParams.get("ms"));
  await pause(ms / 2);
  const key = searchParams.get("key");
  if (key) appendFileSync(ledger, `${key} ${sha256}\n`);
  await pause(ms / 2);
  response.setHeader("X-Application", name);
  if (pathname === "/big") {
    response.end(Buffer.alloc(Number(searchParams.get("bytes")), "b"));
    return;
  }
  if (pathname === "/page.html") {
    const type = searchParams.get("type") ?? "text/html; charset=utf-8";
    const compressed =
      searchParams.has("gzip") && /gzip/.test(request.headers["accept-encoding"] ?? "");
    const always = searchParams.has("gzip-always");
    const body = Buffer.from(
      "<!DOCTYPE html><html lang=fr><head><title>é</title></head><body style='display:grid;margin:0'><h1>BiomAid</h1></BODY></html>",
    );
    const sent = compressed || always ? gzipSync(body) : body;
    response.writeHead(200, {
      "Content-Type": type,
      "Content-Length": sent.length,
      ETag: '"1"',
      "Last-Modified": "Wed, 01 Jan 2025 00:00:00 GMT",
      ...(sent === body ? {} : { "Content-Encoding": "gzip" }),
      ...(searchParams.has("download")
        ? { "Content-Disposition": 'attachment; filename="a.html"' }
        : {}),
    });
    response.end(sent);
    return;
  }
  const { method, headers } = request;
  response.end(JSON.stringify({ application: name, method, bytes, sha256, headers }));
}

rmSync(socket, { force: true });
createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
}).listen({ path: socket, backlog: 2048, readableAll: true, writableAll: true }, () =>
  console.log("ready"),
);
