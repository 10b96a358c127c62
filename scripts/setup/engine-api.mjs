import { existsSync, readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Failure } from "./failure.mjs";

/** Where the engine is: DOCKER_HOST as the docker command reads it, or the local socket. */
export function endpointOf(env) {
  const host = env.DOCKER_HOST || "unix:///var/run/docker.sock";
  if (host.startsWith("unix://"))
    return { host, where: { socketPath: host.slice("unix://".length) } };
  const url = /^(tcp|https?):\/\//.test(host) ? new URL(host.replace(/^tcp:/, "http:")) : undefined;
  if (!url) throw new Failure("endpointUnknown", { host });
  const folder = env.DOCKER_CERT_PATH || join(env.HOME ?? "/", ".docker");
  const secure = Boolean(env.DOCKER_TLS_VERIFY) || url.protocol === "https:";
  const port = url.port || (secure ? 2376 : 2375);
  const where = { hostname: url.hostname, port, ...(secure && certificates(folder)) };
  return { host, secure, where };
}

function certificates(folder) {
  const files = { ca: "ca.pem", cert: "cert.pem", key: "key.pem" };
  const present = Object.entries(files).filter(([, name]) => existsSync(join(folder, name)));
  return Object.fromEntries(present.map(([key, name]) => [key, readFileSync(join(folder, name))]));
}

/**
 * Sends one request; `body` may be a stream. The answer is left unread.
 * @throws Failure `engineSaid` for any status from 400 up, with the engine's own message
 */
export async function request(endpoint, method, path, { body, signal } = {}) {
  const { secure, where } = endpoint;
  const headers = { Host: "docker", ...(body && { "Content-Type": "application/x-tar" }) };
  const call = (secure ? https : http).request({
    ...where,
    method,
    path,
    headers,
    signal,
    agent: false,
  });
  const answer = new Promise((resolve, reject) => call.on("response", resolve).on("error", reject));
  const sent = body ? pipeline(body, call) : call.end();
  // An engine that refuses answers before it has read everything; the answer tells more than the broken pipe.
  Promise.resolve(sent).catch(() => undefined);
  const response = await answer;
  if (response.statusCode < 400) return response;
  const text = await textOf(response);
  throw new Failure("engineSaid", { status: response.statusCode, reason: messageIn(text) });
}

export async function textOf(response) {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  return text;
}

function messageIn(text) {
  try {
    return JSON.parse(text).message;
  } catch {
    return text.trim();
  }
}

/** The messages of a progress stream; one that says the work failed is thrown. */
export async function* messagesOf(response) {
  let rest = "";
  for await (const chunk of response.setEncoding("utf8")) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    for (const line of lines.filter((each) => each.trim())) {
      const message = JSON.parse(line);
      if (message.error) throw new Failure("engineSaid", { status: 200, reason: message.error });
      yield message;
    }
  }
}

/** `up` with the API version, `denied` to this user, or `down`. */
export async function probe(endpoint, milliseconds = 5000) {
  try {
    const signal = AbortSignal.timeout(milliseconds);
    const { ApiVersion } = JSON.parse(
      await textOf(await request(endpoint, "GET", "/version", { signal })),
    );
    return { state: "up", api: ApiVersion };
  } catch (error) {
    return {
      state: error.code === "EACCES" ? "denied" : "down",
      reason: error.facts?.reason ?? error.message,
    };
  }
}
