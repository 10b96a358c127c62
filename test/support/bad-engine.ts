import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An engine that is too old, and whose registries do not answer as they should. */
export async function startBadEngine() {
  const folder = mkdtempSync(join(tmpdir(), "setup-"));
  const socketPath = join(folder, "docker.sock");
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://engine");
    if (pathname === "/version") response.end('{"ApiVersion":"1.40"}');
    else if (searchParams.get("fromImage") === "silent")
      response.write('{"status":"Pulling from library/silent"}\n');
    else if (searchParams.get("fromImage") === "slow") {
      response.write('{"status":"Pulling fs layer"}\n');
      setTimeout(() => response.end('{"status":"Pull complete"}\n'), 1000);
    } else if (searchParams.get("fromImage") === "broken")
      response.end('{"error":"x509: unknown authority"}\n');
    else response.writeHead(500).end('{"message":"no such host"}');
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    endpoint: { host: `unix://${socketPath}`, where: { socketPath } },
    stop: () => {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
