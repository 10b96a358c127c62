import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { connectEngine } from "../../src/engine/connect.ts";
import { docker } from "./docker.ts";
import { removeContainer, startContainer } from "../../src/engine/containers.ts";
import { labelsOf } from "../../src/engine/labels.ts";
import { baseImage } from "../../src/build/own-images.ts";
import type { RemoteStore } from "./remote-store.ts";
import { testImage } from "./test-image.ts";

const dockerfile = `FROM ${baseImage}
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

/**
 * Starts OpenSSH's server in a container of an instance.
 * @param folder for the keys
 */
export async function startSshServer(instance: string, folder: string): Promise<RemoteStore> {
  const engine = await connectEngine();
  const [key, hostKey] = [join(folder, "ssh_key"), join(folder, "ssh_host_key")];
  for (const file of [key, hostKey]) {
    await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
  }
  const container = await startContainer(engine, {
    name: `biomaid-${instance}-sshd`,
    image: await testImage("sshd", dockerfile),
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
  const { NetworkSettings } = await (await docker()).getContainer(container).inspect();
  const address = NetworkSettings.Networks["bridge"]?.IPAddress ?? "";
  const knownHosts = join(folder, "known_hosts");
  await writeFile(knownHosts, `${address} ${await readFile(`${hostKey}.pub`, "utf8")}`);
  return {
    location: `sftp:keeper@${address}:/home/keeper`,
    keys: `ssh_key = "${key}"\nknown_hosts = "${knownHosts}"`,
    fail: async () => await writeFile(knownHosts, ""),
    remove: async () => await removeContainer(engine, container),
  };
}
