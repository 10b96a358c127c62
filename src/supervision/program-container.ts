import { readFile } from "node:fs/promises";
import { baseImage } from "../build/own-images.ts";
import type { ContainerSpec } from "../engine/container-spec.ts";
import { placementHere } from "../engine/placement.ts";
import type { Instance } from "../instance/instance.ts";

const start = new URL("start-program.sh", import.meta.url);

/** What a program needs to know to find its way again after a restart; none of it is a secret. */
const passedOn =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|XDG_\w+|DOCKER_HOST|UPDATER_CONFIG|NODE_COMPILE_CACHE)$/;

/**
 * What makes a container run a program of the updater's with the files, the user and the network of the command that asks.
 * @param program path of its main file
 * @param environment for this program alone
 * @returns nothing where this engine cannot run programs of this machine
 */
export async function programHere(
  { engine, configuration }: Pick<Instance, "engine" | "configuration">,
  program: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<
  Pick<ContainerSpec, "image" | "placement" | "entrypoint" | "command" | "environment"> | undefined
> {
  const placement = await placementHere(engine, { file: configuration.file, image: baseImage });
  if (!placement) return undefined;
  const own = Object.entries(process.env).filter(
    (entry): entry is [string, string] => passedOn.test(entry[0]) && entry[1] !== undefined,
  );
  return {
    image: placement.image,
    placement,
    entrypoint: ["/bin/sh", "-c", await readFile(start, "utf8"), "sh", process.execPath, program],
    command: argv,
    environment: { ...placement.environment, ...Object.fromEntries(own), ...environment },
  };
}
