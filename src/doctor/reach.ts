import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { Configuration } from "../config/configuration.ts";
import { openSession } from "../engine/exec.ts";
import { buildEnvironmentOf } from "../build/build-environment.ts";
import { caBundleOf } from "../build/own-images.ts";
import { type Finding, ok, problem } from "./finding.ts";
import { pythonImages } from "./images.ts";
import { firstThere } from "./inspect-instance.ts";
import type { Machine } from "./check-context.ts";
import { withScratch } from "../engine/scratch-container.ts";

const serverLimitSeconds = 12;

const answers = z.array(
  z.object({
    use: z.enum(["apt", "pip"]),
    url: z.string(),
    failure: z.enum(["name", "connection", "timeout", "tls", "proxy", "status"]).nullable(),
    detail: z.string(),
    /** Seconds by which its clock is ahead of the engine's. */
    offset: z.number().nullable(),
  }),
);

export type Answer = z.infer<typeof answers>[number];

/**
 * Asks the servers that a build would download from, in a container on the network that builds use, with
 * the certificates and proxies of `[build]`. Which they are is a matter of the Python image's own
 * configuration of pip and apt. Undefined when that image is not there.
 */
export async function askServers(machine: Machine): Promise<readonly Answer[] | undefined> {
  const { engine, name, configuration, view, signal } = machine;
  // The one the serving version was built on, or any other.
  const image = await firstThere(engine, configuration ? pythonImages(configuration, view) : []);
  if (image === undefined) return undefined;
  const trust = await trustOf(configuration).catch(() => undefined);
  // A file that cannot be read is a fault of the configuration, and told there.
  if (trust === undefined) return undefined;
  const script = await readFile(new URL("reach.py", import.meta.url), "utf8");
  const request = { ...trust, seconds: serverLimitSeconds };
  return await withScratch(engine, name, { image, network: "bridge" }, signal, async (scratch) => {
    const session = await openSession(engine, scratch, ["python3", "-c", script]);
    const said: string[] = [];
    createInterface({ input: session.stderr }).on("line", (line) => said.push(line));
    session.stdin.write(`${JSON.stringify(request)}\n`);
    for await (const line of createInterface({ input: session.stdout })) {
      return answers.parse(JSON.parse(line));
    }
    throw new Error(said.at(-1) ?? "no answer");
  });
}

async function trustOf(configuration: Configuration | undefined) {
  const environment = configuration
    ? await buildEnvironmentOf(configuration)
    : { caBundle: undefined, proxies: {} };
  const bundle = (await caBundleOf(environment)).toString("utf8");
  return { bundle, proxies: environment.proxies };
}

export async function checkReach(
  servers: Promise<readonly Answer[] | undefined>,
): Promise<Finding[]> {
  const asked = await servers;
  // Without the image there is a finding about that.
  return asked === undefined ? [] : judgeAnswers(asked);
}

export function judgeAnswers(asked: readonly Answer[]): Finding[] {
  const failed = asked.flatMap(({ url, use, failure, detail }) =>
    failure === null
      ? []
      : [problem("unreachable", { host: new URL(url).host, use, failure, detail })],
  );
  const reached = asked.filter(({ failure }) => failure === null);
  const hosts = reached.map(({ url, use }) => `${new URL(url).host} (${use})`);
  return hosts.length > 0 ? [ok("reached", { hosts }), ...failed] : failed;
}
