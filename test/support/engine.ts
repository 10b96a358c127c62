import { clientOf, connectEngine } from "../../src/engine/connect.ts";
import { execute } from "../../src/engine/exec.ts";
import { label } from "../../src/engine/labels.ts";
import { baseImage } from "../../src/build/own-images.ts";
import { readInstance } from "../../src/instance/read-instance.ts";
import { withScratch } from "../../src/engine/scratch-container.ts";

/**
 * Everything on the engine that has to do with an instance, and its state: what a refused operation
 * must leave as it was. Strangers that bear its names belong to it, so it is found by name: test
 * files run side by side, and no instance of another may have a name that begins with this one's.
 */
export async function pictureOf(instance: string): Promise<readonly string[]> {
  const engine = await connectEngine();
  const [containers, { Volumes }, networks, images] = await Promise.all([
    clientOf(engine).listContainers({ all: true }),
    clientOf(engine).listVolumes(),
    clientOf(engine).listNetworks(),
    clientOf(engine).listImages({ filters: { label: [`${label.instance}=${instance}`] } }),
  ]);
  const named = (name: string) => `${name}-`.startsWith(`biomaid-${instance}-`);
  const objects = [
    ...containers.map(({ Names, Id, State }) => [Names[0]?.slice(1) ?? "", Id, State]),
    ...(Volumes ?? []).map(({ Name }) => [Name, "volume"]),
    ...networks.map(({ Name, Id }) => [Name, Id]),
    ...images.map(({ RepoTags }) => [RepoTags?.[0] ?? "", "image"]),
  ];
  return [
    ...objects
      .filter(([name = ""]) => named(name.replace(":", "-")))
      .map((facts) => facts.join(" "))
      .toSorted(),
    await stateOf(instance),
  ];
}

async function stateOf(instance: string): Promise<string> {
  try {
    const { state, serving, gateClosed } = await readInstance(await connectEngine(), instance);
    return JSON.stringify({ state, serving: serving?.number, gateClosed });
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
}

/**
 * Runs a shell command in a folder of this machine as root, whose files those of a repository are.
 * @returns its standard output
 */
export async function asRoot(instance: string, folder: string, command: string): Promise<string> {
  const spec = {
    image: baseImage,
    mounts: [{ folder, path: "/folder" }],
    capabilities: ["DAC_OVERRIDE", "CHOWN", "FOWNER"],
  };
  const limit = AbortSignal.timeout(60_000);
  const engine = await connectEngine();
  return await withScratch(engine, instance, spec, limit, async (container) => {
    const script = ["sh", "-c", `cd /folder && ${command}`];
    const { status, stdout, stderr } = await execute(engine, container, script);
    if (status !== 0) throw new Error(stderr);
    return stdout;
  });
}
