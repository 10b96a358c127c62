import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import {
  checkServerIdentity,
  connect,
  getCACertificates,
  type PeerCertificate,
  type TLSSocket,
} from "node:tls";
import type { Configuration } from "../config/configuration.ts";
import { messageOf } from "../errors.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

/** Days before its end at which a certificate should be renewed. */
const renewal = 30;
const dayMs = 86_400_000;

/** Milliseconds for a connection to the site's own proxy. */
const connectLimitMs = 8_000;

/** Whether users reach the site through TLS, and for how long still. */
export async function checkTls(
  { site, listen, build }: Pick<Configuration, "site" | "listen" | "build">,
  port = 443,
): Promise<Finding[]> {
  const bundle = build.caBundle && (await readFile(build.caBundle, "utf8").catch(() => undefined));
  const trusted = [
    ...getCACertificates("default"),
    ...getCACertificates("system"),
    ...(bundle ? [bundle] : []),
  ];
  const address = `${listen.address.includes(":") ? `[${listen.address}]` : listen.address}:${listen.port}`;
  return await Promise.all(
    site.hostNames.map(async (host) => {
      try {
        const { certificate, distrust } = await certificateOf(host, port, trusted);
        return judgeCertificate(host, certificate, distrust, Date.now());
      } catch (error) {
        return warning("noTls", { host, reason: messageOf(error), listen: address });
      }
    }),
  );
}

/** @param distrust why the chain is not trusted, if it is not */
function judgeCertificate(
  host: string,
  certificate: PeerCertificate,
  distrust: string | undefined,
  now: number,
): Finding {
  const until = new Date(certificate.valid_to);
  const left = until.getTime() - now;
  const facts = { host, until: until.toISOString(), days: Math.floor(left / dayMs) };
  if (left < 0) return problem("tlsExpires", facts);
  if (checkServerIdentity(host, certificate)) {
    const names = certificate.subjectaltname ?? String(certificate.subject.CN);
    return problem("tlsName", { host, names });
  }
  if (distrust !== undefined) return warning("tlsUntrusted", { host, reason: distrust });
  return left < renewal * dayMs
    ? warning("tlsExpires", facts)
    : ok("tls", { host, until: facts.until });
}

async function certificateOf(
  host: string,
  port: number,
  trusted: string[],
): Promise<{ certificate: PeerCertificate; distrust: string | undefined }> {
  const socket: TLSSocket = connect({
    host,
    port,
    ca: trusted,
    // Looked at rather than used: what is wrong with it is what is asked.
    rejectUnauthorized: false,
    ...(isIP(host) === 0 && { servername: host }),
  });
  socket.setTimeout(connectLimitMs, () => socket.destroy(new Error(`ETIMEDOUT ${host}:${port}`)));
  try {
    await once(socket, "secureConnect");
    const certificate = socket.getPeerCertificate();
    const { authorizationError } = socket;
    // A wrong name is told by itself; the rest is about the chain.
    const code = (authorizationError as Error | string | null)?.toString();
    const distrust = socket.authorized || code?.includes("ALTNAME") ? undefined : code;
    return { certificate, distrust };
  } finally {
    socket.destroy();
  }
}
