import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connectEngine } from "../../src/engine/connect.ts";
import { docker } from "./docker.ts";
import { removeContainer, startContainer } from "../../src/engine/containers.ts";
import { labelsOf } from "../../src/engine/labels.ts";
import type { RemoteStore } from "./remote-store.ts";
import { testImage } from "./test-image.ts";

const port = 5000;

const dockerfile = `FROM biomaid-updater/python:3.11
RUN --mount=type=bind,source=ca-bundle.crt,target=/run/ca-bundle.crt \\
    python3 -m venv /moto \\
 && PIP_CERT=/run/ca-bundle.crt /moto/bin/pip install --quiet --disable-pip-version-check "moto[server]==5.1.5"
`;

/**
 * Starts a server that keeps, in memory, what it is sent in the way of S3.
 * @param folder for the credentials
 */
export async function startS3Server(instance: string, folder: string): Promise<RemoteStore> {
  const engine = await connectEngine();
  const container = await startContainer(engine, {
    name: `biomaid-${instance}-s3`,
    image: await testImage("s3", dockerfile),
    labels: labelsOf(instance, "scratch"),
    entrypoint: ["/moto/bin/moto_server", "--host", "0.0.0.0", "--port", `${port}`],
    network: "bridge",
    tmpfs: { "/tmp": "" },
  });
  const { NetworkSettings } = await (await docker()).getContainer(container).inspect();
  const address = NetworkSettings.Networks["bridge"]?.IPAddress ?? "";
  const credentials = "AWS_ACCESS_KEY_ID=key\nAWS_SECRET_ACCESS_KEY=secret\n";
  await writeFile(join(folder, "s3"), credentials, { mode: 0o600 });
  const url = `http://${address}:${port}`;
  await untilItAnswers(url);
  return {
    location: `s3:${url}/bucket`,
    keys: 'environment_file = "s3"',
    fail: async () => void (await fetch(`${url}/moto-api/reset`, { method: "POST" })),
    remove: async () => await removeContainer(engine, container),
  };
}

async function untilItAnswers(url: string): Promise<void> {
  const limit = AbortSignal.timeout(30_000);
  for (;;) {
    const answer = await fetch(url, { signal: limit }).catch(() => undefined);
    if (answer) return;
    await delay(100, undefined, { signal: limit });
  }
}
