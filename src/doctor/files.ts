import { X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import type { Configuration, KeptUrl } from "../config/configuration.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

/** Who may read and change the files that a site is made from. */
export async function checkPermissions(configuration: Configuration): Promise<Finding[]> {
  const { site, secrets, build, hooks, rehearse, backup, scheduled } = configuration;
  const urls = [build.httpProxy, build.httpsProxy, scheduled.webhook];
  const { passwordFile, environmentFile, sshKey, knownHosts } = backup.snapshots ?? {};
  const secret = await modesOf([
    ...Object.values(secrets),
    ...urls.map(fileOf),
    passwordFile,
    environmentFile,
    sshKey,
  ]);
  const others = await modesOf([
    configuration.file,
    site.settings,
    site.instanceConfig,
    build.caBundle,
    rehearse.sanitize,
    scheduled.report,
    knownHosts,
    ...Object.values(hooks).map(({ run }) => run),
  ]);
  const all = [...secret, ...others];
  const ours = process.getuid?.() ?? 0;
  const readable = secret.filter(({ mode }) => (mode & 0o077) !== 0);
  const writable = others.filter(({ mode }) => (mode & 0o002) !== 0);
  const foreign = all.filter(({ owner }) => owner !== 0 && owner !== ours);
  const files = (found: readonly Mode[]) => ({ files: found.map(({ file }) => file) });
  const findings = [
    ...(readable.length > 0 ? [problem("secretOpen", files(readable))] : []),
    ...(writable.length > 0 ? [problem("worldWritable", files(writable))] : []),
    ...(foreign.length > 0
      ? [warning("foreignOwner", { ...files(foreign), owner: userInfo().username })]
      : []),
  ];
  return findings.length > 0 ? findings : [ok("permissions", { files: all.length })];
}

const fileOf = (kept: KeptUrl | undefined) => (kept && "file" in kept ? kept.file : undefined);

interface Mode {
  readonly file: string;
  readonly mode: number;
  readonly owner: number;
}

/** A file that is missing is a fault of the configuration, and told there. */
async function modesOf(files: readonly (string | undefined)[]): Promise<Mode[]> {
  const found = await Promise.all(
    [...new Set(files)].map(async (file): Promise<Mode[]> => {
      if (file === undefined) return [];
      const about = await stat(file).catch(() => undefined);
      return about ? [{ file, mode: about.mode, owner: about.uid }] : [];
    }),
  );
  return found.flat();
}

/** Whether the bundle that builds are to trust holds certificates at all. */
export async function checkCaBundle({ build }: Configuration): Promise<Finding[]> {
  const file = build.caBundle;
  if (file === undefined) return [];
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return [];
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const block of blocks) void new X509Certificate(block);
  } catch {
    return [problem("caBundle", { file })];
  }
  return [
    blocks.length === 0
      ? problem("caBundle", { file })
      : ok("certificates", { certificates: blocks.length }),
  ];
}
