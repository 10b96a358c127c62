import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Lines for the table `[build]` of an updater.toml, so that builds reach the package registries the way
 * this machine does. Proxies' URLs go into files in `folder`: they may hold a password.
 */
export async function surroundings(folder: string): Promise<string> {
  const lines: string[] = [];
  for (const name of ["http_proxy", "https_proxy"]) {
    const url = variable(name);
    if (url === undefined) continue;
    const file = join(folder, name);
    await writeFile(file, `${url}\n`, { mode: 0o600 });
    lines.push(`${name}_file = ${JSON.stringify(file)}`);
  }
  const hosts = (variable("no_proxy") ?? "").split(/[\s,]+/).filter(Boolean);
  if (hosts.length > 0) lines.push(`no_proxy = ${JSON.stringify(hosts)}`);
  return lines.map((line) => `${line}\n`).join("");
}

function variable(name: string): string | undefined {
  return process.env[name] || process.env[name.toUpperCase()] || undefined;
}
