import { join, relative } from "node:path";
import { Agent, request } from "undici";
import type { Front } from "./nginx.ts";

/** Files of a site's sources that hold passwords, or tell of all that is there. */
const secrets = ["instance_settings.py", "instance_config.toml", ".git/config"];

/** Milliseconds for each. */
const limitMs = 5_000;

/**
 * Asks each server of nginx for what it should not answer; nothing of it is read.
 * @returns URLs that were answered, as a user would type them
 */
export async function publishedSecrets(
  fronts: readonly Front[],
  sources: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  // A certificate of the house, or for another name than this machine's, is none of this question's concern.
  const agent = new Agent({ connect: { rejectUnauthorized: false } });
  try {
    const asked = fronts.flatMap((front) =>
      secrets
        .flatMap((secret) => placesOf(front, join(sources, secret)))
        .map(async (path) => (await answeredAt(front, path, agent, signal)) ?? []),
    );
    return [...new Set((await Promise.all(asked)).flat())];
  } finally {
    await agent.close();
  }
}

/** Paths under which a server may have a file. */
const placesOf = ({ folders }: Front, file: string): string[] =>
  folders.flatMap(({ at, folder, kind }) => {
    const below = relative(folder, file);
    if (below.startsWith("..")) return [];
    // A place that is a pattern is asked for nothing: what it means, only nginx knows.
    if (!at.startsWith("/")) return [];
    return [kind === "root" ? `/${below}` : join(at, below)];
  });

async function answeredAt(
  front: Front,
  path: string,
  dispatcher: Agent,
  signal: AbortSignal,
): Promise<string | undefined> {
  const {
    names: [name = "localhost"],
  } = front;
  for (const listen of front.listens) {
    const address = addressOf(listen);
    if (address === undefined) continue;
    const scheme = /\bssl\b/.test(listen) ? "https" : "http";
    try {
      const { statusCode, body } = await request(`${scheme}://${address}${path}`, {
        method: "HEAD",
        headers: { host: name, "user-agent": "BiomAid updater" },
        dispatcher,
        headersTimeout: limitMs,
        signal,
      });
      await body.dump();
      const port = /:(?!80$|443$)\d+$/.exec(address)?.[0] ?? "";
      if (statusCode === 200) return `${scheme}://${name}${port}${path}`;
    } catch {
      signal.throwIfAborted();
    }
  }
  return undefined;
}

/** `443 ssl` is 127.0.0.1:443, `[::]:80` is [::1]:80; a socket is not asked. */
function addressOf(listen: string): string | undefined {
  const [place = ""] = listen.split(" ");
  if (place.startsWith("unix:")) return undefined;
  if (/^\d+$/.test(place)) return `127.0.0.1:${place}`;
  const [, host = "", port = "80"] = /^(.*?)(?::(\d+))?$/.exec(place) ?? [];
  const own: Record<string, string> = { "*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]" };
  return `${own[host] ?? host}:${port}`;
}
