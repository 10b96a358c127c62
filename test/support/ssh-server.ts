import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { Wait } from "testcontainers";
import { labelsOf } from "../../src/engine/labels.ts";
import { baseImage } from "../../src/build/own-images.ts";
import { TestContainer } from "./container.ts";
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
  const [key, hostKey] = [join(folder, "ssh_key"), join(folder, "ssh_host_key")];
  for (const file of [key, hostKey]) {
    await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
  }
  const image = await testImage("sshd", dockerfile);
  const container = await new TestContainer(image, labelsOf(instance, "scratch"))
    .withEntrypoint(["sh", "-c", start])
    .withEnvironment({
      HOST_KEY: await readFile(hostKey, "utf8"),
      USERS_KEY: await readFile(`${key}.pub`, "utf8"),
    })
    .withWaitStrategy(Wait.forLogMessage("Server listening on"))
    .start();
  const address = container.getIpAddress("bridge");
  const knownHosts = join(folder, "known_hosts");
  await writeFile(knownHosts, `${address} ${await readFile(`${hostKey}.pub`, "utf8")}`);
  return {
    location: `sftp:keeper@${address}:/home/keeper`,
    keys: `ssh_key = "${key}"\nknown_hosts = "${knownHosts}"`,
    fail: async () => await writeFile(knownHosts, ""),
    remove: async () => void (await container.stop()),
  };
}
