import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { rootCertificates } from "node:tls";

const debianBundle = "/etc/ssl/certs/ca-certificates.crt";

/** The authorities this machine trusts, a site's own TLS-inspecting proxy among them. */
export function hostBundle() {
  return existsSync(debianBundle) ? debianBundle : undefined;
}

/** Keeps the copy that builds mount; a machine without a bundle lends the authorities Node knows. */
export function writeBundle(file) {
  const host = hostBundle();
  const bundle = host ? readFileSync(host, "utf8") : `${rootCertificates.join("\n")}\n`;
  if (!existsSync(file) || readFileSync(file, "utf8") !== bundle) writeFileSync(file, bundle);
}
