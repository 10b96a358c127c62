import { readFile } from "node:fs/promises";
import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { getCACertificates } from "node:tls";
import type { Configuration } from "../config/configuration.ts";
import { buildEnvironmentOf } from "../build/build-environment.ts";

/** Milliseconds until each attempt after the first. */
const pausesMs = [1_000, 10_000, 60_000];
/** Milliseconds an attempt may take. */
const attemptLimitMs = 10_000;

/**
 * Sends a value as JSON, through the proxies and with the certificates of `[build]`. Tries again what may get better:
 * a connection that fails, 429, 5xx.
 * @returns why it was not taken; nothing when it was. Never the URL: there may be a token in it.
 */
export async function postJson(
  url: string,
  value: unknown,
  configuration: Pick<Configuration, "build">,
): Promise<string | undefined> {
  const way = await wayTo(new URL(url), configuration);
  for (let attempt = 0; ; attempt++) {
    const { status, reason } = await post(url, JSON.stringify(value), way);
    if (status !== undefined && status >= 200 && status < 300) return undefined;
    const hopeless = status !== undefined && status < 500 && status !== 429;
    const pause = pausesMs[attempt];
    if (hopeless || pause === undefined) return reason;
    await delay(pause);
  }
}

type Way = Pick<https.RequestOptions, "agent">;

async function wayTo({ protocol }: URL, configuration: Pick<Configuration, "build">): Promise<Way> {
  const { caBundle, proxies } = await buildEnvironmentOf(configuration);
  if (protocol === "http:") return { agent: new http.Agent({ proxyEnv: proxies }) };
  const own = caBundle === undefined ? [] : [await readFile(caBundle, "utf8")];
  const ca = [...getCACertificates("default"), ...getCACertificates("system"), ...own];
  return { agent: new https.Agent({ proxyEnv: proxies, ca }) };
}

async function post(
  url: string,
  body: string,
  way: Way,
): Promise<{ readonly status?: number | undefined; readonly reason: string }> {
  try {
    const { request } = url.startsWith("https:") ? https : http;
    const status = await new Promise<number>((resolve, reject) => {
      const headers = {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
      };
      const signal = AbortSignal.timeout(attemptLimitMs);
      request(url, { ...way, method: "POST", headers, signal }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on("error", reject)
        .end(body);
    });
    return { status, reason: `HTTP ${status}` };
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    return { reason: code ?? name };
  }
}
