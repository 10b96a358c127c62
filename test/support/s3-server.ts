import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Wait } from "testcontainers";
import { labelsOf } from "../../src/engine/labels.ts";
import { TestContainer } from "./container.ts";
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
  const image = await testImage("s3", dockerfile);
  const container = await new TestContainer(image, labelsOf(instance, "scratch"))
    .withEntrypoint(["/moto/bin/moto_server", "--host", "0.0.0.0", "--port", `${port}`])
    .withTmpFs({ "/tmp": "" })
    .withWaitStrategy(Wait.forLogMessage("Running on"))
    .start();
  const credentials = "AWS_ACCESS_KEY_ID=key\nAWS_SECRET_ACCESS_KEY=secret\n";
  await writeFile(join(folder, "s3"), credentials, { mode: 0o600 });
  const url = `http://${container.getIpAddress("bridge")}:${port}`;
  return {
    location: `s3:${url}/bucket`,
    keys: 'environment_file = "s3"',
    fail: async () => void (await fetch(`${url}/moto-api/reset`, { method: "POST" })),
    remove: async () => void (await container.stop()),
  };
}
