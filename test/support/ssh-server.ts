import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { connectEngine } from "../../src/engine/connect.ts";
import { removeContainer, startContainer } from "../../src/engine/containers.ts";
import { imageLabels } from "../../src/engine/images.ts";
import { labelsOf } from "../../src/engine/labels.ts";
import { runBuild } from "../../src/instance/build.ts";
import { contextOf, hashOf } from "../../src/instance/build-context.ts";
import { baseImage, certificates } from "../../src/instance/own-images.ts";

const dockerfile = `ARG BASE
FROM \${BASE}
RUN --mount=type=bind,source=ca-bundle.crt,target=/etc/ssl/certs/ca-certificates.crt \\
    apt-get update -qq \\
 && apt-get install -qq -y --no-install-recommends openssh-server >/dev/null \\
 && rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_* && mkdir -p /run/sshd \\
 && useradd --create-home --password '*' keeper \\
 && install -d -o keeper -g keeper -m 700 /home/keeper/.ssh
`;

const start = `umask 077
printf %s "$HOST_KEY" >/etc/ssh/ssh_host_ed25519_key
printf %s "$USERS_KEY" >/home/keeper/.ssh/authorized_keys && chown keeper /home/keeper/.ssh/authorized_keys
exec /usr/sbin/sshd -D -e`;

/** A host that is reached by ssh, and whoever may write to it. */
export interface SshServer {
  /** Of the folder in which the user may write. */
  readonly location: string;
  /** Files of whoever connects. */
  readonly key: string;
  readonly knownHosts: string;
  remove(): Promise<void>;
}

/**
 * Starts OpenSSH's server in a container of an instance.
 * @param folder for the keys
 */
export async function startSshServer(instance: string, folder: string): Promise<SshServer> {
  const engine = await connectEngine();
  const [key, hostKey] = [join(folder, "ssh_key"), join(folder, "ssh_host_key")];
  for (const file of [key, hostKey]) {
    await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
  }
  const container = await startContainer(engine, {
    name: `biomaid-${instance}-sshd`,
    image: await ensureImage(),
    labels: labelsOf(instance, "scratch"),
    entrypoint: ["sh", "-c", start],
    environment: {
      HOST_KEY: await readFile(hostKey, "utf8"),
      USERS_KEY: await readFile(`${key}.pub`, "utf8"),
    },
    network: "bridge",
    writableRoot: true,
    capabilities: ["CHOWN", "DAC_OVERRIDE", "SETUID", "SETGID", "SYS_CHROOT", "AUDIT_WRITE"],
  });
  const { NetworkSettings } = await container.inspect();
  const address = NetworkSettings.Networks["bridge"]?.IPAddress ?? "";
  const knownHosts = join(folder, "known_hosts");
  await writeFile(knownHosts, `${address} ${await readFile(`${hostKey}.pub`, "utf8")}`);
  return {
    location: `sftp:keeper@${address}:/home/keeper`,
    key,
    knownHosts,
    remove: async () => await removeContainer(engine, container.id),
  };
}

async function ensureImage(): Promise<string> {
  const engine = await connectEngine();
  const files = [{ path: "Dockerfile", content: Buffer.from(dockerfile), executable: false }];
  const tag = `biomaid-updater-test/sshd:${hashOf(files)}`;
  if ((await imageLabels(engine, tag)) !== undefined) return tag;
  const trust = await certificates({ caBundle: undefined, proxies: {} });
  const options = { tag, labels: {}, arguments: { BASE: baseImage } };
  await runBuild(engine, contextOf([...files, trust]), options, { event() {} });
  return tag;
}
