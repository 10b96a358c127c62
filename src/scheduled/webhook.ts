import { readFile } from "node:fs/promises";
import { getCACertificates } from "node:tls";
import { type Dispatcher, EnvHttpProxyAgent, RetryAgent, request } from "undici";
import { buildEnvironmentOf } from "../build/build-environment.ts";
import type { Configuration } from "../config/configuration.ts";

/** An attempt may take so long to connect, and as long again to be answered. */
const attemptLimitMs = 10_000;

/** Three more attempts, after 1, 10 and 60 s, or when the server says: of what may get better by itself. */
const retries = {
  methods: ["POST"],
  maxRetries: 3,
  minTimeout: 1_000,
  timeoutFactor: 10,
  maxTimeout: 60_000,
  statusCodes: [429, 500, 502, 503, 504, 520, 521, 522, 523, 524],
  errorCodes: [
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENOTFOUND",
    "EPIPE",
    "ETIMEDOUT",
    "UND_ERR_CONNECT_TIMEOUT",
    "UND_ERR_HEADERS_TIMEOUT",
    "UND_ERR_SOCKET",
  ],
  throwOnError: false,
} satisfies ConstructorParameters<typeof RetryAgent>[1];

/**
 * Sends a value as JSON, through the proxies and with the certificates of `[build]`.
 * @returns why it was not taken; nothing when it was. Never the URL: there may be a token in it.
 */
export async function postJson(
  url: string,
  value: unknown,
  configuration: Pick<Configuration, "build">,
): Promise<string | undefined> {
  const dispatcher = new RetryAgent(await wayTo(new URL(url), configuration), retries);
  try {
    const { statusCode, body } = await request(url, {
      dispatcher,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(value),
      headersTimeout: attemptLimitMs,
      bodyTimeout: attemptLimitMs,
    });
    await body.dump();
    return statusCode >= 200 && statusCode < 300 ? undefined : `HTTP ${statusCode}`;
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    return code ?? name;
  } finally {
    await dispatcher.destroy();
  }
}

async function wayTo(
  { protocol }: URL,
  configuration: Pick<Configuration, "build">,
): Promise<Dispatcher> {
  const { caBundle, proxies } = await buildEnvironmentOf(configuration);
  const own = caBundle === undefined ? [] : [await readFile(caBundle, "utf8")];
  const ca = [...getCACertificates("default"), ...getCACertificates("system"), ...own];
  // Empty: none. What is absent would be taken from our environment, or the proxy of the other protocol.
  const proxy = proxies[protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY"] ?? "";
  return new EnvHttpProxyAgent({
    httpProxy: proxy,
    httpsProxy: proxy,
    noProxy: proxies["NO_PROXY"] ?? "",
    connect: { ca, timeout: attemptLimitMs },
    requestTls: { ca },
    proxyTls: { ca },
  });
}
