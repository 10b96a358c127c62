import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { parse } from "yaml";
import { clientOf, connectEngine } from "../../src/engine/connect.ts";
import { buildImage } from "../../src/engine/images.ts";
import { contextOf, projectFiles } from "../../src/build/build-context.ts";

const root = join(import.meta.dirname, "../..");
const image = "biomaid-updater/updater:int-container";
const cache = "int-container-cache";

interface Service {
  readonly build: { readonly context: string; readonly args: readonly string[] };
  readonly environment: readonly string[];
  readonly init: boolean;
  readonly network_mode: string;
  readonly volumes: readonly string[];
  readonly working_dir: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The updater in its own container, as compose.yaml has it, for a machine that has no compose. */
export interface ContainedUpdater {
  run(
    argv: readonly string[],
    options?: {
      /** Of whoever types the command; compose.yaml says what of it gets in. */
      environment?: Variables;
      entrypoint?: string[];
      /** Told what was printed so far; true presses Ctrl-C. */
      watch?: (printed: string) => boolean;
    },
  ): Promise<{ exitCode: number; printed: string }>;
  remove(): Promise<void>;
}

/** Builds the image from what .dockerignore lets through. */
export async function buildContainedUpdater(siteFolder: string): Promise<ContainedUpdater> {
  const engine = await connectEngine();
  const { services } = parse(await readFile(join(root, "compose.yaml"), "utf8")) as {
    services: { updater: Service };
  };
  const service = services.updater;
  const variables: Variables = { ...process.env, BIOMAID_SITE: siteFolder };
  const context = contextOf(await projectFiles("", await filesOfContext()));
  const options = { tag: image, labels: {}, arguments: valuesOf(service.build.args, variables) };
  const lines: string[] = [];
  const built = buildImage(engine, context, options, ({ text }) => lines.push(text));
  await built.catch((error: unknown) => {
    throw new Error(lines.slice(-20).join("\n"), { cause: error });
  });

  return {
    async run(argv, { environment = {}, entrypoint, watch } = {}) {
      const container = await clientOf(engine).createContainer({
        Image: image,
        Cmd: [...argv],
        ...(entrypoint && { Entrypoint: entrypoint }),
        Env: Object.entries(valuesOf(service.environment, environment)).map(
          ([name, value]) => `${name}=${value}`,
        ),
        WorkingDir: service.working_dir,
        HostConfig: {
          Init: service.init,
          NetworkMode: service.network_mode,
          Binds: service.volumes.map((volume) =>
            resolved(volume, variables).replace(/^cache:/, `${cache}:`),
          ),
        },
      });
      const output = new PassThrough();
      const connection = await container.attach({ stream: true, stdout: true, stderr: true });
      clientOf(engine).modem.demuxStream(connection, output, output);
      connection.once("end", () => output.end());
      let printed = "";
      output.on("data", (chunk: Buffer) => {
        printed += chunk.toString();
        if (watch?.(printed)) void container.kill({ signal: "SIGINT" });
      });
      try {
        await container.start();
        const [{ StatusCode: exitCode }] = (await Promise.all([
          container.wait(),
          text(output),
        ])) as [{ StatusCode: number }, string];
        return { exitCode, printed };
      } finally {
        await container.remove({ force: true });
      }
    },
    async remove() {
      await clientOf(engine).getImage(image).remove();
      await clientOf(engine).getVolume(cache).remove();
    },
  };
}

/** `${NAME:-otherwise}` and `${NAME}`, as compose fills them in. */
function resolved(words: string, variables: Variables): string {
  return words.replace(
    /\$\{(\w+)(?::-([^}]*))?\}/g,
    (_, name: string, otherwise = "") => variables[name] || (otherwise as string),
  );
}

/** `NAME=value`, and `NAME` for whatever it is outside. */
function valuesOf(entries: readonly string[], variables: Variables): Record<string, string> {
  const pairs = entries.flatMap((entry): [string, string][] => {
    const [name = "", ...value] = resolved(entry, variables).split("=");
    if (entry.includes("=")) return [[name, value.join("=")]];
    return variables[name] ? [[name, variables[name]]] : [];
  });
  return Object.fromEntries(pairs);
}

async function filesOfContext(): Promise<string[]> {
  const lines = (await readFile(join(root, ".dockerignore"), "utf8")).split("\n");
  const names = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  return names.flatMap((name) => [name, `${name}/**`]);
}
